using AiFactory.Gateway.Batches;

namespace AiFactory.Gateway.Jobs;

/// <summary>The states of a job, and which of them a batch of one request has.</summary>
internal static class JobStates
{
    public const string Queued = "queued";
    public const string Running = "running";
    public const string Succeeded = "succeeded";
    public const string Failed = "failed";

    public static string Of(BatchRow batch, JobRequestRow? request) => batch.Status switch
    {
        BatchStates.Validating => Queued,
        BatchStates.InProgress => request?.State == "running" ? Running : Queued,

        // It has its result, and is about to end.
        BatchStates.Finalizing => Running,
        BatchStates.Cancelling => BatchStates.Cancelling,
        var ended => Ended(ended, batch.Failed),
    };

    /// <param name="failed">How many of its requests failed, of one.</param>
    public static string Ended(string status, int failed) => status == BatchStates.Completed ? failed == 0 ? Succeeded : Failed : status;
}
