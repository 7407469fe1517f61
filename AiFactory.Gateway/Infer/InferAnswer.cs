using System.Buffers;
using System.Text.Json;
using AiFactory.Gateway.SubRequests;

namespace AiFactory.Gateway.Infer;

/// <summary><c>{"model":"demo-chat","task":"chat","output":{...},"usage":{"prompt_tokens":9,...}}</c>: the shape of the worker's own <c>/infer</c>, which is passed on as it is.</summary>
internal static class InferAnswer
{
    /// <param name="raw">The output's bytes: they go on as they came.</param>
    public static void Write(IBufferWriter<byte> to, string model, string task, JsonElement output, ReadOnlySpan<byte> raw)
    {
        if (IsEnvelope(output))
        {
            to.Write(raw);
            return;
        }

        using var json = new Utf8JsonWriter(to, RelaxedJson.Options);
        json.WriteStartObject();
        json.WriteString("model"u8, model);
        json.WriteString("task"u8, task);
        json.WritePropertyName("output"u8);
        json.WriteRawValue(raw, skipInputValidation: true);
        if (output.ValueKind == JsonValueKind.Object && output.TryGetProperty("usage"u8, out var usage) && usage.ValueKind == JsonValueKind.Object)
        {
            json.WritePropertyName("usage"u8);
            json.WriteRawValue(usage.GetRawText(), skipInputValidation: true);
        }
        else
        {
            json.WriteNull("usage"u8);
        }

        json.WriteEndObject();
    }

    private static bool IsEnvelope(JsonElement output) =>
        output.ValueKind == JsonValueKind.Object
        && output.TryGetProperty("task"u8, out var task) && task.ValueKind == JsonValueKind.String
        && output.TryGetProperty("model"u8, out var model) && model.ValueKind == JsonValueKind.String
        && output.TryGetProperty("usage"u8, out var usage) && usage.ValueKind is JsonValueKind.Object or JsonValueKind.Null
        && output.TryGetProperty("output"u8, out _);
}
