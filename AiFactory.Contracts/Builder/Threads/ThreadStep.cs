namespace AiFactory.Contracts.Builder.Threads;

/// <summary>A step of a flow, or a call of a tool, on the way to an answer.</summary>
/// <param name="Type"><c>tool</c>, or the type of the flow's step.</param>
/// <param name="State"><c>started</c>, <c>succeeded</c>, <c>failed</c>, <c>retried</c> or <c>skipped</c>.</param>
/// <param name="Node">The flow's node.</param>
/// <param name="Tool">The tool's name.</param>
/// <param name="Arguments">JSON that the model wrote for the tool.</param>
/// <param name="Result">What the tool answered, shortened.</param>
public sealed record ThreadStep(
    string Type,
    string State,
    string? Node = null,
    string? Tool = null,
    string? CallId = null,
    string? Arguments = null,
    string? Result = null,
    string? Error = null,
    double? Milliseconds = null)
{
    public const string ToolType = "tool";
    public const string Started = "started";
}
