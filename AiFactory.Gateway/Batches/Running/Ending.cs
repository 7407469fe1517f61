using System.Text.Json;

namespace AiFactory.Gateway.Batches.Running;

/// <summary>Why a batch ends, and what stands in the place of the answers that it has not got.</summary>
/// <param name="Outcome">One of <see cref="BatchStates"/>.</param>
internal sealed record Ending(string Outcome, string Code, string Message)
{
    /// <param name="isDone">Whether every request has its result: then it does not matter when that is seen.</param>
    public static Ending Of(BatchRow batch, bool isDone, DateTimeOffset now) => batch.Outcome switch
    {
        BatchStates.Cancelled => new Ending(BatchStates.Cancelled, "batch_cancelled", "This request was not executed: the batch was cancelled."),
        BatchStates.Failed => Failed(batch.Errors),
        _ when batch is { Kind: BatchKinds.Job, Status: BatchStates.Validating } => new Ending(BatchStates.Failed, "job_not_kept", "The gateway ended before the job was kept."),
        _ when batch.ExpiresAt <= now && !isDone => new Ending(BatchStates.Expired, "batch_expired", "This request could not be executed before the completion window expired."),

        // All are done: the words are nobody's.
        _ => new Ending(BatchStates.Completed, "", ""),
    };

    private static Ending Failed(string? errors)
    {
        var first = errors is not null && JsonSerializer.Deserialize(errors, BatchJson.Default.IReadOnlyListBatchError) is [var error, ..] ? error : null;
        return new Ending(BatchStates.Failed, first?.Code ?? "batch_failed", $"This request was not executed. {first?.Message}".TrimEnd());
    }
}
