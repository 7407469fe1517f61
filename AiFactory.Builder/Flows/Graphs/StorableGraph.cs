using System.Text.Json;
using AiFactory.Builder.Runs;
using AiFactory.Contracts.Builder.Flows;

namespace AiFactory.Builder.Flows.Graphs;

/// <summary>What a graph must be to be kept, even as a draft.</summary>
internal static class StorableGraph
{
    /// <summary>Of a graph's JSON, in bytes as <see cref="StorableJson.PrintedSize"/> counts them.</summary>
    internal const int Largest = 256 * 1024;

    /// <summary>Why a graph from outside is not kept; null when it can be.</summary>
    internal static string? Complaint(FlowGraph? graph)
    {
        if (graph is not { Nodes: not null, Edges: not null })
        {
            return "A graph has nodes and edges.";
        }

        // JSON may hold null wherever a record says that it cannot be.
        var settings = graph.Nodes.SelectMany(node => node?.Settings?.Values ?? []);
        if (settings.Select(value => StorableJson.Complaint(value)).FirstOrDefault(found => found is not null) is { } complaint)
        {
            return $"The graph is not taken: {complaint}.";
        }

        return StorableJson.PrintedSize(graph) > Largest ? $"A graph has up to {Largest / 1024} KB." : null;
    }
}
