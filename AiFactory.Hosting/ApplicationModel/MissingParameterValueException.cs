namespace Aspire.Hosting;

// No parameterless constructor, because Aspire has none.
#pragma warning disable CA1032
public class MissingParameterValueException : DistributedApplicationException
#pragma warning restore CA1032
{
    public MissingParameterValueException(string message)
        : base(message)
    {
    }

    public MissingParameterValueException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
