using System.Text.Encodings.Web;
using System.Text.Json;
using AiFactory.Inference.OpenAI;

namespace AiFactory.Inference.Tools.Formats;

/// <summary>The tags that a call is written in. Between the key's end and <paramref name="ValueOpen"/> there may be white space, and where both are one tag, <paramref name="KeyClose"/> is empty.</summary>
internal sealed record CallTags(string NameOpen, string NameClose, string KeyOpen, string KeyClose, string ValueOpen, string ValueClose, string End)
{
    public static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private const int MostLooks = 1_000;

    /// <summary>The types that a schema names, those of its values, of what it refers to and of its alternatives among them.</summary>
    /// <param name="root">What references are looked up in.</param>
    public static HashSet<string> Types(JsonElement? schema, JsonElement? root)
    {
        var (types, seen, open, looks) = (new HashSet<string>(), new HashSet<string>(), new Queue<JsonElement>(schema is { } first ? [first] : []), 0);
        while (open.TryDequeue(out var next) && looks++ < MostLooks)
        {
            types.UnionWith(RequestValues.Find(next, "type") switch
            {
                { ValueKind: JsonValueKind.String } one => [RequestValues.Text(one) ?? ""],
                { ValueKind: JsonValueKind.Array } several => several.EnumerateArray().Select(type => RequestValues.Text(type) ?? ""),
                _ => (RequestValues.Find(next, "enum") is { ValueKind: JsonValueKind.Array } values ? values.EnumerateArray() : Enumerable.Empty<JsonElement>())
                    .Concat(RequestValues.Find(next, "const") is { } only ? [only] : []).Take(MostLooks).Select(NameOf),
            });
            foreach (var keyword in Alternatives)
            {
                foreach (var branch in RequestValues.Find(next, keyword) is { ValueKind: JsonValueKind.Array } branches ? branches.EnumerateArray().Take(MostLooks) : [])
                {
                    open.Enqueue(branch);
                }
            }

            if (RequestValues.FindText(next, "$ref") is { } reference && seen.Add(reference) && Resolve(reference, root) is { } target)
            {
                open.Enqueue(target);
            }
        }

        return types;
    }

    private static readonly string[] Alternatives = ["anyOf", "oneOf", "allOf"];

    private static JsonElement? Resolve(string reference, JsonElement? root) => reference.Split('/').Skip(1)
        .Aggregate(root, (at, name) => at is { } element ? RequestValues.Find(element, name.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)) : null);

    private static string NameOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Array => "array",
        JsonValueKind.Object => "object",
        _ => "null",
    };
}
