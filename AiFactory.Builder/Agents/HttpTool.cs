using System.Text.Json;
using AiFactory.Builder.Runs;
using AiFactory.Builder.Secrets;
using AiFactory.Builder.Tools;
using AiFactory.Builder.Tools.Http;
using AiFactory.ServiceDefaults.Outbound;

namespace AiFactory.Builder.Agents;

/// <summary>A tool of the project.</summary>
internal sealed class HttpTool(ToolRow tool, OutboundHttp http, SecretVault secrets) : IAgentTool
{
    private const int LongestRefusal = 500;

    public string Name => tool.Name;

    public string Description => tool.Description;

    public JsonElement Parameters { get; } = JsonDocument.Parse(tool.Parameters).RootElement;

    public async Task<ToolOutcome> CallAsync(JsonElement arguments, ToolCallContext context, CancellationToken cancellationToken)
    {
        var call = secrets.Open(tool.Project, ToolHttpCall.Place(tool));
        try
        {
            var request = ToolHttpCall.Create(tool, arguments, context.IdempotencyKey, call);
            var answer = await http.SendAsync(request, cancellationToken);
            var text = call.Clean(answer.Body);
            return answer.IsSuccess ? new ToolOutcome.Answered(text) : new ToolOutcome.Failed(Refusal(answer.Status, text.Trim()));
        }
        catch (OutboundException error)
        {
            return new ToolOutcome.Failed(call.Clean(error.Message));
        }
    }

    private static string Refusal(int status, string body) =>
        body.Length == 0 ? $"HTTP {status}" : $"HTTP {status}: {StorableText.Start(body, LongestRefusal)}";
}
