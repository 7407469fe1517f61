namespace AiFactory.Contracts.Builder.Flows;

/// <param name="Graph">Left out in lists.</param>
public sealed record FlowRevisionResponse(int Revision, string CreatedBy, DateTimeOffset CreatedAt, FlowGraph? Graph);
