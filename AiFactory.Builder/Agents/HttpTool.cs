using System.Text.Json;
using AiFactory.Builder.Tools;
using AiFactory.Builder.Tools.Http;

namespace AiFactory.Builder.Agents;

/// <summary>A tool of the project.</summary>
internal sealed class HttpTool(ToolRow tool, OutboundHttp http) : IAgentTool
{
    private const int LongestRefusal = 500;

    public string Name => tool.Name;

    public string Description => tool.Description;

    public JsonElement Parameters { get; } = JsonDocument.Parse(tool.Parameters).RootElement;

    public async Task<ToolOutcome> CallAsync(JsonElement arguments, ToolCallContext context, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await http.SendAsync(ToolHttpCall.Create(tool, arguments, context.IdempotencyKey), cancellationToken);
            return answer.IsSuccess ? new ToolOutcome.Answered(answer.Body) : new ToolOutcome.Failed(Refusal(answer));
        }
        catch (OutboundException error)
        {
            return new ToolOutcome.Failed(error.Message);
        }
    }

    private static string Refusal(OutboundAnswer answer)
    {
        var body = answer.Body.Trim();
        return body.Length == 0 ? $"HTTP {answer.Status}" : $"HTTP {answer.Status}: {(body.Length > LongestRefusal ? body[..LongestRefusal] : body)}";
    }
}
