using AiFactory.Builder.Steps.Types;
using AiFactory.Contracts.Builder.Flows;

namespace AiFactory.Builder.Flows.Graphs;

/// <summary>A graph made ready to be run: its nodes in order, and for each what comes in. One plan serves all runs of its revision.</summary>
internal sealed class FlowPlan
{
    private readonly Dictionary<string, FlowNode> _nodes;
    private readonly ILookup<string, FlowEdge> _incoming;

    /// <param name="graph">Without problems.</param>
    internal FlowPlan(FlowGraph graph)
    {
        Nodes = GraphOrder.Sort(graph, out _);
        Edges = graph.Edges;
        _nodes = graph.Nodes.ToDictionary(node => node.Id, StringComparer.Ordinal);
        _incoming = graph.Edges.ToLookup(edge => edge.To, StringComparer.Ordinal);
        Outputs = [.. Nodes.Where(node => node.Type == OutputStep.Type)];
    }

    /// <summary>Every edge leads from an earlier node to a later one.</summary>
    internal IReadOnlyList<FlowNode> Nodes { get; }

    internal IReadOnlyList<FlowEdge> Edges { get; }

    internal IReadOnlyList<FlowNode> Outputs { get; }

    internal FlowNode Node(string id) => _nodes[id];

    internal IEnumerable<FlowEdge> Into(string node) => _incoming[node];

    internal bool Uses(string node, string port) => Edges.Any(edge => edge.From == node && edge.FromPort == port);

    /// <summary>Whether what the node gives at its port is, without another step between, the flow's answer.</summary>
    internal bool IsAnswer(string node, string port) =>
        Edges.Any(edge => edge.From == node && edge.FromPort == port && edge.ToPort == "text" && _nodes[edge.To].Type == OutputStep.Type);
}
