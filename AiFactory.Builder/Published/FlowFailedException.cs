namespace AiFactory.Builder.Published;

/// <summary>A flow gave no answer; the message is a sentence for who asked.</summary>
/// <param name="status">As an HTTP answer would have it.</param>
/// <param name="code"><c>flow_not_found</c>, <c>flow_not_runnable</c>, <c>too_many_runs</c>, <c>flow_failed</c> or <c>flow_cancelled</c>.</param>
internal sealed class FlowFailedException(string message, int status, string code, Guid? runId = null) : Exception(message)
{
    internal int Status { get; } = status;

    internal string Code { get; } = code;

    internal Guid? RunId { get; } = runId;
}
