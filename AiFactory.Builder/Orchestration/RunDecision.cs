namespace AiFactory.Builder.Orchestration;

/// <summary>What is to be done in a run now.</summary>
/// <param name="Ready">Nodes to hand out.</param>
/// <param name="Skipped">Nodes to which no branch leads.</param>
/// <param name="End">The state in which the run ends; null when it goes on.</param>
/// <param name="Error">Why it failed.</param>
internal sealed record RunDecision(IReadOnlyList<string> Ready, IReadOnlyList<string> Skipped, string? End, string? Error);
