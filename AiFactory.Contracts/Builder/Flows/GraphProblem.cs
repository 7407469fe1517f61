namespace AiFactory.Contracts.Builder.Flows;

/// <param name="Node">The node at fault, or null.</param>
/// <param name="Edge">The edge at fault, or null.</param>
/// <param name="Code">See <see cref="GraphProblemCodes"/>.</param>
/// <param name="Message">A sentence for the author.</param>
public sealed record GraphProblem(string? Node, string? Edge, string Code, string Message);
