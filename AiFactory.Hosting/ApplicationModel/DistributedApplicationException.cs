namespace Aspire.Hosting;

/// <summary>A fault that its message explains to the person who runs the AppHost; the message is printed without a stack.</summary>
public class DistributedApplicationException : Exception
{
    public DistributedApplicationException()
    {
    }

    public DistributedApplicationException(string message)
        : base(message)
    {
    }

    public DistributedApplicationException(string message, Exception? inner)
        : base(message, inner)
    {
    }
}
