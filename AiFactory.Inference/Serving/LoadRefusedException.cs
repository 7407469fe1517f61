namespace AiFactory.Inference.Serving;

/// <summary>A load that is not attempted, with the reason and the time after which it may be.</summary>
internal sealed class LoadRefusedException(string message, TimeSpan retryAfter) : Exception(message)
{
    public TimeSpan RetryAfter { get; } = retryAfter;
}
