using System.Text.Json;
using AiFactory.Builder.Knowledge.Search;
using AiFactory.Builder.Secrets;
using AiFactory.Builder.Tools;
using AiFactory.Builder.Tools.Http;

namespace AiFactory.Builder.Agents;

/// <summary>Puts an agent's tools together.</summary>
internal sealed class AgentToolbox(ToolStore store, OutboundHttp http, SecretVault secrets, KnowledgeSearch search)
{
    /// <exception cref="AgentException">A tool that the agent names is not there.</exception>
    internal async Task<IReadOnlyDictionary<string, IAgentTool>> OpenAsync(AgentRow agent, CancellationToken cancellationToken)
    {
        var rows = await store.ListAsync(agent.Project, agent.Tools, cancellationToken);
        if (agent.Tools.Except(rows.Select(row => row.Name), StringComparer.Ordinal).FirstOrDefault() is { } missing)
        {
            throw new AgentException($"The agent '{agent.Name}' has a tool '{missing}', which does not exist.", "tool_missing");
        }

        IEnumerable<IAgentTool> tools = [.. rows.Select(row => new HttpTool(row, http, secrets)), .. agent.KnowledgeBases.Select(name => new RetrievalTool(name, search))];
        return tools.ToDictionary(tool => tool.Name, StringComparer.Ordinal);
    }

    /// <summary>As OpenAI's <c>tools</c>; null when there are none, for an empty list is refused.</summary>
    internal static JsonElement? Describe(IReadOnlyDictionary<string, IAgentTool> tools) => tools.Count == 0
        ? null
        : JsonSerializer.SerializeToElement(tools.Values.Select(tool => new
        {
            type = "function",
            function = new { name = tool.Name, description = tool.Description, parameters = tool.Parameters },
        }));
}
