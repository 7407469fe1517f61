namespace AiFactory.Builder.Agents;

/// <summary>What an agent does on the way to its answer.</summary>
internal abstract record AgentEvent
{
    private AgentEvent()
    {
    }

    /// <param name="Text">What the model goes on with.</param>
    internal sealed record Delta(string Text) : AgentEvent;

    /// <param name="Arguments">As the model wrote them.</param>
    internal sealed record ToolStarted(string CallId, string Tool, string Arguments) : AgentEvent;

    internal sealed record ToolEnded(string CallId, string Tool, string Arguments, ToolOutcome Outcome, TimeSpan Duration) : AgentEvent;
}
