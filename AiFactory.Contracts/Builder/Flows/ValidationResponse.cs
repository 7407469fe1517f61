namespace AiFactory.Contracts.Builder.Flows;

/// <param name="Problems">Empty when the graph can be run.</param>
public sealed record ValidationResponse(IReadOnlyList<GraphProblem> Problems);
