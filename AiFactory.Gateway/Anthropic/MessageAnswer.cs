using System.Text.Json;
using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Anthropic;

/// <summary>The parts of an answer that a whole message and a stream of events have alike.</summary>
internal static class MessageAnswer
{
    /// <summary>An answer that is none of OpenAI's.</summary>
    public static OpenAIError Unreadable { get; } = OpenAIError.Of(StatusCodes.Status502BadGateway, "The model's answer cannot be read.", "server_error", code: "upstream_failed");

    /// <summary><c>chatcmpl-0197...</c> as <c>msg_0197...</c>.</summary>
    public static string IdOf(JsonElement answer, string requestId) => $"msg_{(answer.Text("id"u8) ?? requestId).Replace("chatcmpl-", "", StringComparison.Ordinal)}";

    public static string CallId(string? id) => id is { Length: > 0 } ? id : $"toolu_{Guid.CreateVersion7():N}";

    /// <summary>What the model thought, under the names that engines have for it.</summary>
    public static string? Thought(JsonElement message) => message.Text("reasoning_content"u8) ?? message.Text("reasoning"u8);

    public static JsonElement FirstChoice(JsonElement answer) =>
        answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty("choices"u8, out var choices) && choices.ValueKind == JsonValueKind.Array && choices.GetArrayLength() > 0
            && choices[0].ValueKind == JsonValueKind.Object ? choices[0] : default;

    /// <summary>Which of the texts ended it, only some engines say (vLLM, in <c>stop_reason</c>).</summary>
    public static (string Reason, string? Sequence) StopOf(string? finish, string? stopped) => finish switch
    {
        "length" => ("max_tokens", null),
        "tool_calls" or "function_call" => ("tool_use", null),
        "content_filter" => ("refusal", null),
        _ => stopped is null ? ("end_turn", null) : ("stop_sequence", stopped),
    };

    public static void WriteStop(Utf8JsonWriter json, (string? Reason, string? Sequence) stop)
    {
        json.WriteString("stop_reason"u8, stop.Reason);
        json.WriteString("stop_sequence"u8, stop.Sequence);
    }

    /// <summary>Anthropic counts what came from a cache beside the rest of the input, OpenAI within it.</summary>
    /// <param name="usage">OpenAI's; where there is none, zeros.</param>
    public static void WriteUsage(Utf8JsonWriter json, JsonElement usage)
    {
        var input = Count(usage, "prompt_tokens"u8);
        var cached = usage.ValueKind == JsonValueKind.Object && usage.TryGetProperty("prompt_tokens_details"u8, out var details) ? Count(details, "cached_tokens"u8) : 0;
        json.WriteStartObject("usage"u8);
        json.WriteNumber("input_tokens"u8, Math.Max(0, input - cached));
        json.WriteNumber("cache_creation_input_tokens"u8, 0);
        json.WriteNumber("cache_read_input_tokens"u8, cached);
        json.WriteNumber("output_tokens"u8, Count(usage, "completion_tokens"u8));
        json.WriteEndObject();
    }

    private static long Count(JsonElement usage, ReadOnlySpan<byte> name) =>
        usage.ValueKind == JsonValueKind.Object && usage.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var count) ? count : 0;
}
