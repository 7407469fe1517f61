using System.Buffers;
using System.Globalization;
using System.Text.Json;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.SubRequests;

namespace AiFactory.Gateway.Images;

/// <summary><c>{"model":"paint","prompt":"a red square","n":2,"size":"512x512","response_format":"url"}</c></summary>
/// <param name="Model">Null where the client leaves the choice to us.</param>
/// <param name="WantsLink">Whether images are answered as addresses, which is what they are where nothing is said.</param>
internal readonly record struct ImageRequest(string? Model, bool WantsLink)
{
    private const string Link = "url";
    private const string Bytes = "b64_json";

    /// <param name="root">An object.</param>
    public static OpenAIError? Read(JsonElement root, out ImageRequest request)
    {
        request = default;
        if (root.TryGetProperty("stream"u8, out var stream) && stream.ValueKind == JsonValueKind.True)
        {
            return Invalid("Images are answered whole: 'stream' is not supported.", "stream", "unsupported_parameter");
        }

        var format = root.TryGetProperty("response_format"u8, out var asked) && asked.ValueKind != JsonValueKind.Null ? asked.ValueKind == JsonValueKind.String ? asked.GetString() : "" : Link;
        if (format is not (Link or Bytes))
        {
            return Invalid($"'response_format' must be {Link} or {Bytes}.", "response_format", "invalid_value");
        }

        // Servers read 10.0 and "10" as ten, and what is reserved of budgets must be what they make.
        if (root.TryGetProperty("n"u8, out var count) && count.ValueKind != JsonValueKind.Null
            && (count.ValueKind != JsonValueKind.Number || !count.TryGetInt32(out var images) || images is < 1 or > RequestHead.MostImages))
        {
            return Invalid(string.Create(CultureInfo.InvariantCulture, $"'n' must be an integer from 1 to {RequestHead.MostImages}."), "n", "invalid_value");
        }

        var model = root.TryGetProperty("model"u8, out var named) && named.ValueKind != JsonValueKind.Null ? named : default;
        if (model.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.String))
        {
            return OpenAIError.ModelNotText;
        }

        request = new ImageRequest(model.ValueKind == JsonValueKind.String ? model.GetString() : null, format == Link);
        return null;
    }

    /// <summary>What the model's service is asked: for the bytes, whatever the client gets. <see cref="Forwarding.ImageFormat"/> knows which service is not told so.</summary>
    public static ReadOnlyMemory<byte> Write(JsonElement root, string model)
    {
        var body = new ArrayBufferWriter<byte>(1024);
        using var json = new Utf8JsonWriter(body, RelaxedJson.Options);
        json.WriteStartObject();
        json.WriteString("model"u8, model);
        foreach (var member in root.EnumerateObject().Where(member => !member.NameEquals("model"u8) && !member.NameEquals("response_format"u8)))
        {
            member.WriteTo(json);
        }

        json.WriteString("response_format"u8, Bytes);
        json.WriteEndObject();
        json.Flush();
        return body.WrittenMemory;
    }

    public static OpenAIError Invalid(string message, string param, string code) => OpenAIError.Of(StatusCodes.Status400BadRequest, message, "invalid_request_error", param, code);
}
