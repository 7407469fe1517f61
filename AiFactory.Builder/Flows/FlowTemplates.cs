using System.Text.Json;
using AiFactory.Contracts.Builder.Flows;

namespace AiFactory.Builder.Flows;

/// <summary>Graphs to begin with.</summary>
internal static class FlowTemplates
{
    internal const string Blank = "blank";
    internal const string ChatOverDocuments = "chat-over-documents";

    private const string DefaultModel = "demo-chat";

    internal static FlowGraph Create(FlowRequest request) => request.Template == ChatOverDocuments
        ? Chat(request.KnowledgeBase ?? "", request.Model ?? DefaultModel)
        : new FlowGraph([Node("input", "input", "Question", 0, 0), Node("output", "output", "Answer", 400, 0)], [Edge("input", "text", "output", "text")]);

    private static FlowGraph Chat(string knowledgeBase, string model) => new(
        [
            Node("input", "input", "Question", 0, 120),
            Node("search", "retrieve", "Search documents", 250, 0, ("knowledgeBase", knowledgeBase), ("limit", 4)),
            Node("answer", "model", "Answer", 500, 200, ("model", model), ("temperature", 0), ("maxTokens", 300)),
            Node("output", "output", "Answer with sources", 750, 60),
        ],
        [
            Edge("input", "text", "search", "text"),
            Edge("input", "text", "answer", "prompt"),
            Edge("search", "passages", "answer", "passages"),
            Edge("answer", "text", "output", "text"),
            Edge("search", "passages", "output", "passages"),
        ]);

    private static FlowNode Node(string id, string type, string title, double x, double y, params (string Name, object Value)[] settings) =>
        new(id, type, title, x, y, settings.ToDictionary(setting => setting.Name, setting => JsonSerializer.SerializeToElement(setting.Value), StringComparer.Ordinal));

    private static FlowEdge Edge(string from, string fromPort, string to, string toPort) => new($"{from}.{fromPort}-{to}.{toPort}", from, fromPort, to, toPort);
}
