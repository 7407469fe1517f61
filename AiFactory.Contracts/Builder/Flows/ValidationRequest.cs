namespace AiFactory.Contracts.Builder.Flows;

public sealed record ValidationRequest(FlowGraph Graph);
