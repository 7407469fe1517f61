namespace AiFactory.ServiceDefaults.Outbound;

/// <summary>A call out of the factory was refused or failed; the message is a sentence for who made the call, and may be shown to a model.</summary>
/// <param name="isTransient">Whether the same call may succeed later.</param>
public sealed class OutboundException(string message, bool isTransient, Exception? inner = null) : Exception(message, inner)
{
    public bool IsTransient { get; } = isTransient;
}
