namespace AiFactory.Builder.Agents;

/// <param name="IdempotencyKey">The same when the same call of the same run is made again; null outside a run.</param>
/// <param name="Passages">What the agent has found so far; retrieval adds to it.</param>
internal sealed record ToolCallContext(string Project, string? IdempotencyKey, FoundPassages Passages);
