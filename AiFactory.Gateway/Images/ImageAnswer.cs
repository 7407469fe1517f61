using System.Buffers;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text.Json;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.SubRequests;

namespace AiFactory.Gateway.Images;

/// <summary><c>{"created":1763810000,"data":[{"b64_json":"iVBORw0...","revised_prompt":"..."}],"usage":{...}}</c></summary>
internal static class ImageAnswer
{
    private const string Bytes = "b64_json";

    /// <summary>Base64 of the bytes that tell a type.</summary>
    private const int Beginning = 24;

    /// <summary>What ten images can have of members, by far: each takes more memory once it is read than in the answer.</summary>
    private const int MostMembers = 10_000;

    /// <summary>Null where it is no JSON, or none that has images. Base64 has no commas.</summary>
    public static JsonDocument? Parse(WholeAnswer answer) => answer.IsBroken || answer.Body.Span.Count((byte)',') > MostMembers ? null : answer.Parse();

    /// <summary>The images of an answer, in its order, as they stand in it: one after the other is decoded where it is kept.</summary>
    public static OpenAIError? Read(JsonElement? answer, out List<(JsonElement Text, ImageType Type)> images)
    {
        images = [];
        if (answer is not { ValueKind: JsonValueKind.Object } root || !root.TryGetProperty("data"u8, out var data) || data.ValueKind != JsonValueKind.Array)
        {
            return Unusable("it has no 'data'");
        }

        if (data.GetArrayLength() > RequestHead.MostImages)
        {
            return Unusable("it has more images than a request can ask for");
        }

        foreach (var item in data.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty(Bytes, out var text) || text.ValueKind != JsonValueKind.String)
            {
                // An address out of the site would tell who looks at the image, and would end when somebody else likes.
                return Unusable($"an image comes without its bytes ('{Bytes}'), for which it was asked");
            }

            if (TypeOf(text) is not { } type)
            {
                return Unusable("an image is no PNG, JPEG or WebP");
            }

            images.Add((text, type));
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

    private static ImageType? TypeOf(JsonElement text)
    {
        var base64 = JsonMarshal.GetRawUtf8Value(text)[1..^1];
        if (base64.Contains((byte)'\\'))
        {
            // Some write "\/" for a slash: rare enough to be decoded twice.
            return text.TryGetBytesFromBase64(out var image) ? ImageType.Of(image) : null;
        }

        Span<byte> beginning = stackalloc byte[Beginning];
        return base64.Length >= Beginning && Base64.IsValid(base64) && Base64.DecodeFromUtf8(base64[..Beginning], beginning, out _, out var decoded) == OperationStatus.Done
            ? ImageType.Of(beginning[..decoded])
            : null;
    }

    private static OpenAIError Unusable(string why) =>
        OpenAIError.Of(StatusCodes.Status502BadGateway, $"The answer of the model's service cannot be given on: {why}.", "server_error", code: "upstream_answer_unusable");
}
