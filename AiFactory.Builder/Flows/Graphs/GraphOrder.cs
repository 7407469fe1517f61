using AiFactory.Contracts.Builder.Flows;

namespace AiFactory.Builder.Flows.Graphs;

/// <summary>Puts nodes behind what they depend on.</summary>
internal static class GraphOrder
{
    /// <summary>The nodes in an order in which every edge leads forward (Kahn's algorithm, in the author's order where several would do); those that a cycle holds back are left over.</summary>
    internal static IReadOnlyList<FlowNode> Sort(FlowGraph graph, out IReadOnlyList<FlowNode> left)
    {
        var waiting = graph.Nodes.ToDictionary(node => node.Id, node => graph.Edges.Count(edge => edge.To == node.Id), StringComparer.Ordinal);
        var sorted = new List<FlowNode>(graph.Nodes.Count);
        var rest = graph.Nodes.ToList();
        while (rest.Find(node => waiting[node.Id] == 0) is { } next)
        {
            rest.Remove(next);
            sorted.Add(next);
            foreach (var edge in graph.Edges.Where(edge => edge.From == next.Id))
            {
                waiting[edge.To]--;
            }
        }

        left = rest;
        return sorted;
    }
}
