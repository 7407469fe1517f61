namespace AiFactory.Inference.Engine;

/// <summary>How an engine took a request.</summary>
internal abstract record Submission
{
    private Submission()
    {
    }

    public sealed record Accepted(Generation Generation) : Submission;

    /// <param name="RetryAfter">When a place is likely to be free.</param>
    public sealed record QueueFull(TimeSpan RetryAfter) : Submission;

    /// <summary>No adapter of that name is loaded.</summary>
    public sealed record UnknownAdapter : Submission;

    /// <summary>The adapter waits for its requests to end, to be unloaded; it stays where they do not in time.</summary>
    public sealed record AdapterLeaving : Submission;

    /// <summary>The engine takes nothing any more.</summary>
    public sealed record Stopping : Submission;
}
