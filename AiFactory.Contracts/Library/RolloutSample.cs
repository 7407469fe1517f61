namespace AiFactory.Contracts.Library;

/// <summary>What one deployment did with its requests, as the ledger has it. Times are of whole answers, in seconds; null where it gave none.</summary>
/// <param name="Requests">Those that were answered or failed.</param>
/// <param name="Failures">Those that failed, ran out of time, or were answered by another deployment in its place.</param>
public sealed record RolloutSample(long Requests, long Failures, double? P50, double? P95, double? P99)
{
    /// <summary>Those whose clients left before the first token, later than nearly all answers of the baseline ended: of a model that hangs there is no other sign. They are not among the requests.</summary>
    public long Left { get; init; }

    /// <summary>Those that are open, and hang: nothing has come for longer than the plan lets an answer take. They are not among the requests either.</summary>
    public long Hanging { get; init; }
}
