namespace AiFactory.Builder.Agents;

/// <summary>An agent came to no answer within its limits; the message is a sentence for who asked.</summary>
/// <param name="code"><c>step_limit</c>, <c>time_limit</c>, <c>tool_missing</c>, <c>ruleset_missing</c> or <c>ruleset_violated</c>.</param>
internal sealed class AgentException(string message, string code, Exception? inner = null) : Exception(message, inner)
{
    internal string Code { get; } = code;

    /// <summary>The sentence with more than who calls a published flow may read; null when there is no more.</summary>
    internal string? Detail { get; init; }
}
