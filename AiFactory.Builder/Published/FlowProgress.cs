using AiFactory.Contracts.Builder.Runs;

namespace AiFactory.Builder.Published;

/// <summary>What a run does on the way to its answer.</summary>
internal abstract record FlowProgress
{
    private FlowProgress()
    {
    }

    /// <param name="Id">The run's, so that a caller can name it before its first word.</param>
    internal sealed record Begun(Guid Id) : FlowProgress;

    /// <param name="Value">What the answer goes on with.</param>
    internal sealed record Text(string Value) : FlowProgress;

    /// <param name="Event">An event of a step, but for its pieces of text.</param>
    internal sealed record Step(RunEventResponse Event) : FlowProgress;
}
