using System.Buffers;
using System.Text.Json;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.SubRequests;

namespace AiFactory.Gateway.Images;

/// <summary><c>{"created":1763810000,"data":[{"b64_json":"iVBORw0...","revised_prompt":"..."}],"usage":{...}}</c></summary>
internal static class ImageAnswer
{
    private const string Bytes = "b64_json";

    /// <summary>The images of an answer, in its order.</summary>
    public static OpenAIError? Read(JsonElement? answer, out List<(byte[] Image, ImageType Type)> images)
    {
        images = [];
        if (answer is not { ValueKind: JsonValueKind.Object } root || !root.TryGetProperty("data"u8, out var data) || data.ValueKind != JsonValueKind.Array)
        {
            return Unusable("it has no 'data'");
        }

        foreach (var item in data.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty(Bytes, out var text) || text.ValueKind != JsonValueKind.String)
            {
                // An address out of the site would tell who looks at the image, and would end when somebody else likes.
                return Unusable($"an image comes without its bytes ('{Bytes}'), for which it was asked");
            }

            if (!text.TryGetBytesFromBase64(out var image) || ImageType.Of(image) is not { } type)
            {
                return Unusable("an image is no PNG, JPEG or WebP");
            }

            images.Add((image, type));
        }

        return null;
    }

    /// <summary>The same answer, with addresses in the place of bytes.</summary>
    public static ReadOnlyMemory<byte> Write(JsonElement root, IReadOnlyList<string> links)
    {
        var body = new ArrayBufferWriter<byte>(1024);
        using var json = new Utf8JsonWriter(body, RelaxedJson.Options);
        json.WriteStartObject();
        foreach (var member in root.EnumerateObject())
        {
            if (!member.NameEquals("data"u8))
            {
                member.WriteTo(json);
                continue;
            }

            json.WriteStartArray("data"u8);
            var next = 0;
            foreach (var item in member.Value.EnumerateArray())
            {
                json.WriteStartObject();
                json.WriteString("url"u8, links[next++]);
                foreach (var more in item.EnumerateObject().Where(more => !more.NameEquals(Bytes) && !more.NameEquals("url"u8)))
                {
                    more.WriteTo(json);
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
        json.Flush();
        return body.WrittenMemory;
    }

    private static OpenAIError Unusable(string why) =>
        OpenAIError.Of(StatusCodes.Status502BadGateway, $"The answer of the model's service cannot be given on: {why}.", "server_error", code: "upstream_answer_unusable");
}
