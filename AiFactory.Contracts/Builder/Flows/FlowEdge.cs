namespace AiFactory.Contracts.Builder.Flows;

/// <param name="From">The node that gives.</param>
/// <param name="FromPort">Its output port.</param>
/// <param name="To">The node that takes.</param>
/// <param name="ToPort">Its input port.</param>
public sealed record FlowEdge(string Id, string From, string FromPort, string To, string ToPort);
