using System.Text.Json;
using AiFactory.Contracts.Builder.Flows;

namespace AiFactory.Builder.Tests.Edges;

/// <summary>Short ways to write graphs: <c>Graphs.Of([Graphs.Node("in", "input")], "in.text > out.text")</c>.</summary>
internal static class Graphs
{
    internal static FlowGraph Of(FlowNode[] nodes, params string[] edges) => new(nodes, [.. edges.Select(Edge)]);

    internal static FlowNode Node(string id, string type, params (string Name, object Value)[] settings) =>
        new(id, type, null, 0, 0, settings.ToDictionary(setting => setting.Name, setting => JsonSerializer.SerializeToElement(setting.Value)));

    /// <summary>input, one step of this type, output.</summary>
    internal static FlowGraph Around(FlowNode step, string into, string from = "text") =>
        Of([Node("in", "input"), step, Node("out", "output")], $"in.text > {step.Id}.{into}", $"{step.Id}.{from} > out.{(from == "json" ? "json" : "text")}");

    private static FlowEdge Edge(string text)
    {
        var parts = text.Split(" > ").SelectMany(end => end.Split('.')).ToArray();
        return new FlowEdge(text, parts[0], parts[1], parts[2], parts[3]);
    }
}
