namespace AiFactory.Gateway.Batches;

/// <summary>OpenAI's states of a batch. Some are also why one ends.</summary>
internal static class BatchStates
{
    public const string Validating = "validating";
    public const string InProgress = "in_progress";
    public const string Finalizing = "finalizing";
    public const string Completed = "completed";
    public const string Failed = "failed";
    public const string Expired = "expired";
    public const string Cancelling = "cancelling";
    public const string Cancelled = "cancelled";
}
