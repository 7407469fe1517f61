using System.Text.Encodings.Web;
using System.Text.Json;
using AiFactory.Inference.OpenAI;

namespace AiFactory.Inference.Tools.Formats;

/// <summary>The tags that a call is written in. Between the key's end and <paramref name="ValueOpen"/> there may be white space, and where both are one tag, <paramref name="KeyClose"/> is empty.</summary>
internal sealed record CallTags(string NameOpen, string NameClose, string KeyOpen, string KeyClose, string ValueOpen, string ValueClose, string End)
{
    public static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The types that a schema names, those of its values among them.</summary>
    public static List<string> Types(JsonElement? schema)
    {
        if (schema is not { ValueKind: JsonValueKind.Object } given)
        {
            return [];
        }

        return RequestValues.Find(given, "type") switch
        {
            { ValueKind: JsonValueKind.String } one => [RequestValues.Text(one) ?? ""],
            { ValueKind: JsonValueKind.Array } several => [.. several.EnumerateArray().Select(type => RequestValues.Text(type) ?? "")],
            _ when RequestValues.Find(given, "enum") is { ValueKind: JsonValueKind.Array } values && values.EnumerateArray().Any(value => value.ValueKind == JsonValueKind.String) => ["string"],
            _ => [],
        };
    }
}
