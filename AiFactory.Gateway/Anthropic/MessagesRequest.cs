using System.Buffers;
using System.Text.Json;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.SubRequests;

namespace AiFactory.Gateway.Anthropic;

/// <summary>
/// Anthropic's request (https://docs.anthropic.com/en/api/messages) as a chat completion's:
/// <code>
/// {"model":"m","max_tokens":64,"system":"Be brief.","messages":[{"role":"user","content":"Hi"}],"stop_sequences":["END"]}
/// {"model":"m","max_tokens":64,"stop":["END"],"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"}]}
/// </code>
/// What would change the answer and cannot be translated is refused by name; what is not known is left out.
/// </summary>
internal static class MessagesRequest
{
    private static readonly string[] Refused = ["mcp_servers", "container", "context_management"];
    private static readonly string[] Numbers = ["temperature", "top_p", "top_k"];

    /// <param name="forCount">Only what counts as input: <c>max_tokens</c> is not needed then.</param>
    /// <param name="body">What the model is asked, when there is no error.</param>
    public static OpenAIError? Translate(JsonElement root, bool forCount, out ReadOnlyMemory<byte> body, out bool stream)
    {
        var to = new ArrayBufferWriter<byte>(1024);
        using var json = new Utf8JsonWriter(to, RelaxedJson.Options);
        stream = !forCount && root.TryGetProperty("stream"u8, out var wanted) && wanted.ValueKind == JsonValueKind.True;
        json.WriteStartObject();
        var error = WriteModel(root, json)
            ?? WriteThinking(root, json)
            ?? (forCount ? null : WriteSampling(root, json, stream))
            ?? MessageTranslator.Write(root, json)
            ?? ToolTranslator.Write(root, json);
        json.WriteEndObject();
        json.Flush();
        body = to.WrittenMemory;
        return error;
    }

    private static OpenAIError? WriteModel(JsonElement root, Utf8JsonWriter json)
    {
        if (!root.TryGet("model"u8, out var model))
        {
            return OpenAIError.MissingModel;
        }

        json.WritePropertyName("model"u8);
        model.WriteTo(json);
        return model.ValueKind != JsonValueKind.String ? OpenAIError.ModelNotText
            : Array.Find(Refused, name => root.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null) is { } refused ? Fault.At(refused, "it is not supported here")
            : null;
    }

    private static OpenAIError? WriteSampling(JsonElement root, Utf8JsonWriter json, bool stream)
    {
        if (!root.TryGet("max_tokens"u8, out var most) || most.ValueKind != JsonValueKind.Number || !most.TryGetInt32(out var tokens) || tokens < 1)
        {
            return Fault.At("max_tokens", "it is needed, a whole number of at least 1");
        }

        json.WriteNumber("max_tokens"u8, tokens);
        foreach (var name in Numbers)
        {
            if (root.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null)
            {
                if (value.ValueKind != JsonValueKind.Number)
                {
                    return Fault.At(name, "it is a number");
                }

                json.WritePropertyName(name);
                value.WriteTo(json);
            }
        }

        if (root.TryGet("stop_sequences"u8, out var stops))
        {
            if (stops.ValueKind != JsonValueKind.Array || stops.EnumerateArray().Any(stop => stop.ValueKind != JsonValueKind.String))
            {
                return Fault.At("stop_sequences", "it is an array of texts");
            }

            if (stops.GetArrayLength() > 0)
            {
                json.WritePropertyName("stop"u8);
                stops.WriteTo(json);
            }
        }

        if (stream)
        {
            json.WriteBoolean("stream"u8, true);
            json.WriteStartObject("stream_options"u8);
            json.WriteBoolean("include_usage"u8, true);
            json.WriteEndObject();
        }

        if (root.TryGet("metadata"u8, out var metadata) && metadata.Text("user_id"u8) is { } user)
        {
            json.WriteString("user"u8, user);
        }

        return WriteFormat(root, json);
    }

    private static OpenAIError? WriteFormat(JsonElement root, Utf8JsonWriter json)
    {
        if (!root.TryGet("output_config"u8, out var output) || output.ValueKind != JsonValueKind.Object || !output.TryGet("format"u8, out var format))
        {
            return null;
        }

        if (format.Text("type"u8) != "json_schema" || !format.TryGet("schema"u8, out var schema) || schema.ValueKind != JsonValueKind.Object)
        {
            return Fault.At("output_config.format", "it has the type 'json_schema' and a 'schema'");
        }

        json.WriteStartObject("response_format"u8);
        json.WriteString("type"u8, "json_schema"u8);
        json.WriteStartObject("json_schema"u8);
        json.WriteString("name"u8, "answer"u8);
        json.WritePropertyName("schema"u8);
        schema.WriteTo(json);
        json.WriteEndObject();
        json.WriteEndObject();
        return null;
    }

    /// <summary>As the templates of models that think take it; where it is adaptive, the template's own way counts.</summary>
    private static OpenAIError? WriteThinking(JsonElement root, Utf8JsonWriter json)
    {
        if (!root.TryGet("thinking"u8, out var thinking))
        {
            return null;
        }

        var type = thinking.Text("type"u8);
        switch (type)
        {
            case "adaptive":
                return null;
            case "enabled" or "disabled":
                json.WriteStartObject("chat_template_kwargs"u8);
                json.WriteBoolean("enable_thinking"u8, type == "enabled");
                json.WriteEndObject();
                return null;
            default:
                return Fault.At("thinking.type", "it is 'enabled', 'disabled' or 'adaptive'");
        }
    }
}
