using System.Diagnostics;
using System.Text.Json;
using AiFactory.Builder.Telemetry;
using AiFactory.Builder.Tools;
using AiFactory.Contracts.OpenAI;

namespace AiFactory.Builder.Agents;

/// <summary>Makes the calls that a model asks for, each under a span of its own.</summary>
internal sealed class ToolRunner(BuilderTelemetry telemetry)
{
    internal async Task<ToolOutcome> CallAsync(
        IReadOnlyDictionary<string, IAgentTool> tools, ToolCall call, ToolCallContext context, CancellationToken cancellationToken)
    {
        // https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-agent-spans/ : what a tool is told and answers is content, and not recorded.
        using var span = telemetry.Source.StartActivity($"execute_tool {call.Function.Name}");
        span?.SetTag("gen_ai.operation.name", "execute_tool");
        span?.SetTag("gen_ai.tool.name", call.Function.Name);
        span?.SetTag("gen_ai.tool.call.id", call.Id);
        var outcome = await DispatchAsync(tools, call, context, cancellationToken);
        if (outcome is ToolOutcome.Failed)
        {
            span?.SetStatus(ActivityStatusCode.Error).SetTag("error.type", "tool_failed");
        }

        return outcome;
    }

    private static async Task<ToolOutcome> DispatchAsync(
        IReadOnlyDictionary<string, IAgentTool> tools, ToolCall call, ToolCallContext context, CancellationToken cancellationToken)
    {
        if (!tools.TryGetValue(call.Function.Name, out var tool))
        {
            return new ToolOutcome.Failed($"There is no tool '{call.Function.Name}'. There are: {string.Join(", ", tools.Keys)}.");
        }

        if (Read(call.Function.Arguments) is not { } arguments)
        {
            return new ToolOutcome.Failed("The arguments are not a JSON object.");
        }

        return ToolSchema.Missing(tool.Parameters, arguments) is { } missing
            ? new ToolOutcome.Failed($"The argument '{missing}' is missing.")
            : await tool.CallAsync(arguments, context, cancellationToken);
    }

    private static JsonElement? Read(string arguments)
    {
        try
        {
            var parsed = JsonSerializer.Deserialize<JsonElement>(string.IsNullOrWhiteSpace(arguments) ? "{}" : arguments);
            return parsed.ValueKind == JsonValueKind.Object ? parsed : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
