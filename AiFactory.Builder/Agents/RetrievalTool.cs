using System.Text.Json;
using AiFactory.Builder.Knowledge.Search;
using AiFactory.Builder.Models;
using AiFactory.Contracts.Builder.Knowledge;

namespace AiFactory.Builder.Agents;

/// <summary>A knowledge base as a tool: the model writes the question, and reads numbered passages that it can cite, with the question behind them: a small model reads on from there.</summary>
internal sealed class RetrievalTool(string knowledgeBase, KnowledgeSearch search) : IAgentTool
{
    private const int Passages = 4;

    public string Name { get; } = NameOf(knowledgeBase);

    public string Description { get; } = $"Searches the knowledge base '{knowledgeBase}'. Cite what you use of it as [n].";

    public JsonElement Parameters { get; } = JsonDocument.Parse(
        """{"type":"object","properties":{"query":{"type":"string","description":"what to search for"}},"required":["query"]}""").RootElement;

    internal static string NameOf(string knowledgeBase) => $"search_{knowledgeBase}";

    public async Task<ToolOutcome> CallAsync(JsonElement arguments, ToolCallContext context, CancellationToken cancellationToken)
    {
        var query = arguments.GetProperty("query") is { ValueKind: JsonValueKind.String } text ? text.GetString()?.Trim() : null;
        if (string.IsNullOrEmpty(query))
        {
            return new ToolOutcome.Failed("The argument 'query' is empty.");
        }

        try
        {
            var found = await search.SearchAsync(context.Project, knowledgeBase, new SearchRequest(query, Passages, SearchModes.Hybrid), cancellationToken);
            return new ToolOutcome.Answered(
                found.Count == 0 ? "Nothing was found." : $"{string.Join('\n', found.Select(passage => PassagePrompt.Numbered(context.Passages.Number(passage), passage.Text)))}\nSearched for: {PassagePrompt.OneLine(query)}");
        }
        catch (KnowledgeSearchException error)
        {
            return new ToolOutcome.Failed(error.Message);
        }
    }
}
