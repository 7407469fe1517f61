namespace AiFactory.Contracts.Builder.Runs;

public static class StepStates
{
    /// <summary>Something before it has not ended.</summary>
    public const string Pending = "pending";

    /// <summary>It waits for an executor, or for its next attempt.</summary>
    public const string Ready = "ready";

    public const string Running = "running";
    public const string Succeeded = "succeeded";
    public const string Failed = "failed";

    /// <summary>No branch led to it, or the run ended before it.</summary>
    public const string Skipped = "skipped";
}
