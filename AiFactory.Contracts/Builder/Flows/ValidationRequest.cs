namespace AiFactory.Contracts.Builder.Flows;

/// <param name="Flow">Whose graph it is: it must not run itself.</param>
public sealed record ValidationRequest(FlowGraph Graph, string? Flow = null);
