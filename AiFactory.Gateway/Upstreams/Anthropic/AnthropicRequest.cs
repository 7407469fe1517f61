using System.Buffers;
using System.Text.Json;
using AiFactory.Gateway.Anthropic;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.SubRequests;

namespace AiFactory.Gateway.Upstreams.Anthropic;

/// <summary>
/// A chat completion as a request for a message (https://docs.anthropic.com/en/api/messages), the inverse of <see cref="MessagesRequest"/>:
/// <code>
/// {"model":"m","stop":"END","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"}]}
/// {"model":"claude","max_tokens":4096,"stop_sequences":["END"],"system":[{"type":"text","text":"Be brief."}],"messages":[{"role":"user","content":[{"type":"text","text":"Hi"}]}]}
/// </code>
/// What would change the answer and has no place there is refused by name; what is not known is left out, and with it what only leans the sampling (<c>seed</c>).
/// </summary>
internal static class AnthropicRequest
{
    /// <summary>Anthropic wants a limit, OpenAI's clients need not name one.</summary>
    private const int DefaultMaxTokens = 4096;

    /// <summary>Only one answer, without logarithms of probabilities, made by no other's functions.</summary>
    private static readonly string[] Refused = ["functions", "function_call", "audio", "web_search_options"];

    private static readonly string[] Penalties = ["presence_penalty", "frequency_penalty"];

    /// <param name="model">The upstream's id of it, as JSON.</param>
    /// <param name="forCount">Only what counts as input.</param>
    /// <param name="body">What the upstream is sent, when there is no error.</param>
    /// <param name="tellsUsage">Whether the stream is to end with its usage.</param>
    public static OpenAIError? Translate(ReadOnlyMemory<byte> request, ReadOnlySpan<byte> model, bool forCount, out ReadOnlyMemory<byte> body, out bool tellsUsage)
    {
        (body, tellsUsage) = (default, false);
        try
        {
            using var document = JsonDocument.Parse(request, new JsonDocumentOptions { MaxDepth = OuterRequests.MaximumDepth });
            var root = document.RootElement;
            var to = new ArrayBufferWriter<byte>(request.Length + 256);
            using var json = new Utf8JsonWriter(to, RelaxedJson.Options);
            json.WriteStartObject();
            json.WritePropertyName("model"u8);
            json.WriteRawValue(model, skipInputValidation: true);
            var error = Refuse(root) ?? (forCount ? null : WriteSampling(root, json)) ?? AnthropicTurns.Write(root, json) ?? AnthropicTools.Write(root, json) ?? (forCount ? null : WriteFormat(root, json));
            json.WriteEndObject();
            json.Flush();
            body = to.WrittenMemory;
            tellsUsage = root.TryGet("stream_options"u8, out var options) && Is(options, "include_usage"u8);
            return error;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair: this body passed as bytes until here.
            return OpenAIError.InvalidJson("a text in it is not valid Unicode.");
        }
    }

    public static OpenAIError Fault(string path, string complaint) => OpenAIError.NotInAnthropic(path, complaint);

    private static OpenAIError? Refuse(JsonElement root)
    {
        if (Array.Find(Refused, name => root.TryGetProperty(name, out var value) && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.False)) is { } refused)
        {
            return Fault(refused, "it is not supported there");
        }

        if (root.TryGet("n"u8, out var count) && !(count.ValueKind == JsonValueKind.Number && count.TryGetInt32(out var answers) && answers == 1))
        {
            return Fault("n", "there is one answer");
        }

        if (Is(root, "logprobs"u8))
        {
            return Fault("logprobs", "none are told");
        }

        if (root.TryGet("logit_bias"u8, out var bias) && bias.ValueKind == JsonValueKind.Object && bias.EnumerateObject().Any())
        {
            return Fault("logit_bias", "it is not supported there");
        }

        return Array.Find(Penalties, name => root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.GetDouble() != 0) is { } penalty
            ? Fault(penalty, "it is not supported there, but for 0")
            : null;
    }

    private static OpenAIError? WriteSampling(JsonElement root, Utf8JsonWriter json)
    {
        json.WriteNumber("max_tokens"u8, Count(root, "max_completion_tokens"u8) ?? Count(root, "max_tokens"u8) ?? DefaultMaxTokens);
        if (root.TryGet("temperature"u8, out var temperature) && temperature.ValueKind == JsonValueKind.Number)
        {
            // OpenAI's go up to 2, Anthropic's to 1.
            json.WriteNumber("temperature"u8, Math.Clamp(temperature.GetDouble(), 0, 1));
        }

        foreach (var name in (string[])["top_p", "top_k"])
        {
            if (root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number)
            {
                json.WritePropertyName(name);
                value.WriteTo(json);
            }
        }

        if (root.TryGet("stop"u8, out var stop))
        {
            if (stop.ValueKind is not (JsonValueKind.String or JsonValueKind.Array))
            {
                return Fault("stop", "it is a text, or an array of texts");
            }

            json.WriteStartArray("stop_sequences"u8);
            foreach (var one in stop.ValueKind == JsonValueKind.Array ? stop.EnumerateArray().ToArray() : [stop])
            {
                one.WriteTo(json);
            }

            json.WriteEndArray();
        }

        if (Is(root, "stream"u8))
        {
            json.WriteBoolean("stream"u8, true);
        }

        if (root.Text("user"u8) is { Length: > 0 } user)
        {
            json.WriteStartObject("metadata"u8);
            json.WriteString("user_id"u8, user);
            json.WriteEndObject();
        }

        return null;
    }

    private static OpenAIError? WriteFormat(JsonElement root, Utf8JsonWriter json)
    {
        if (!root.TryGet("response_format"u8, out var format))
        {
            return null;
        }

        switch (format.Text("type"u8))
        {
            case "text":
                return null;
            case "json_schema" when format.TryGet("json_schema"u8, out var named) && named.ValueKind == JsonValueKind.Object && named.TryGet("schema"u8, out var schema):
                json.WriteStartObject("output_config"u8);
                json.WriteStartObject("format"u8);
                json.WriteString("type"u8, "json_schema"u8);
                json.WritePropertyName("schema"u8);
                schema.WriteTo(json);
                json.WriteEndObject();
                json.WriteEndObject();
                return null;
            default:
                return Fault("response_format", "its type is 'text', or 'json_schema' with a schema");
        }
    }

    private static long? Count(JsonElement root, ReadOnlySpan<byte> name) =>
        root.TryGet(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var count) ? count : null;

    private static bool Is(JsonElement element, ReadOnlySpan<byte> name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;
}
