namespace AiFactory.Contracts.Builder.Flows;

/// <summary>A flow: steps, and what flows from an output port of one to an input port of another. Acyclic.</summary>
public sealed record FlowGraph(IReadOnlyList<FlowNode> Nodes, IReadOnlyList<FlowEdge> Edges);
