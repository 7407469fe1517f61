using System.Buffers;
using System.Text.Json;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.SubRequests;

namespace AiFactory.Gateway.Infer;

/// <summary><c>{"model":"demo-chat","payload":{"messages":[...],"max_tokens":16}}</c></summary>
internal static class InferRequest
{
    public static OpenAIError? Read(JsonElement root, out string model, out JsonElement payload)
    {
        (model, payload) = ("", default);
        if (!root.TryGetProperty("model"u8, out var name) || name.ValueKind == JsonValueKind.Null)
        {
            return OpenAIError.MissingModel;
        }

        if (name.ValueKind != JsonValueKind.String)
        {
            return OpenAIError.ModelNotText;
        }

        model = name.GetString() ?? "";
        if (!root.TryGetProperty("payload"u8, out payload) || payload.ValueKind != JsonValueKind.Object)
        {
            return Invalid("'payload' must be an object: the input as the model's own OpenAI route takes it.", "payload");
        }

        return payload.TryGetProperty("stream"u8, out var stream) && stream.ValueKind == JsonValueKind.True
            ? Invalid("'payload.stream' is not supported: the envelope holds a whole answer. Stream from the model's own route, for example /v1/chat/completions.", "payload.stream")
            : null;
    }

    /// <summary>What the model is asked: the payload and the model's name in one object, or the two beside each other.</summary>
    public static ReadOnlyMemory<byte> Write(string model, JsonElement payload, bool enveloped)
    {
        var body = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(body, RelaxedJson.Options))
        {
            json.WriteStartObject();
            json.WriteString("model"u8, model);
            if (enveloped)
            {
                json.WritePropertyName("payload"u8);
                payload.WriteTo(json);
            }
            else
            {
                foreach (var member in payload.EnumerateObject().Where(member => !member.NameEquals("model"u8)))
                {
                    member.WriteTo(json);
                }
            }

            json.WriteEndObject();
        }

        return body.WrittenMemory;
    }

    private static OpenAIError Invalid(string message, string param) => OpenAIError.Of(StatusCodes.Status400BadRequest, message, "invalid_request_error", param, "invalid_value");
}
