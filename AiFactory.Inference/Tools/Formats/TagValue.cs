using System.Text.Json;
using AiFactory.Inference.OpenAI;

namespace AiFactory.Inference.Tools.Formats;

/// <summary>What a parameter's schema asks of a value that stands between tags: as a text when it may be one, else as JSON.</summary>
/// <param name="root">The schema of all parameters.</param>
internal sealed class TagValue(JsonElement schema, string path, JsonElement root, CallTags tags)
{
    /// <summary>They ask nothing.</summary>
    private static readonly HashSet<string> Words = ["title", "description", "default", "examples", "deprecated", "$comment"];

    private readonly HashSet<string> _types = CallTags.Types(schema, root);

    public JsonElement Schema => schema;

    public string Path => path;

    public bool IsText => _types.Count == 0 || _types.Contains("string");

    /// <summary>Whether each text meets the schema.</summary>
    public bool IsAnyText => AllowsAnyText(schema);

    /// <summary>The only texts that do; null when there is no list of them.</summary>
    public IReadOnlyList<string>? Texts
    {
        get
        {
            if (!Keywords(schema).All(keyword => keyword is "type" or "enum" or "const") || RequestValues.FindText(schema, "type") is not (null or "string"))
            {
                return null;
            }

            var values = RequestValues.Find(schema, "const") is { } only ? [only]
                : RequestValues.Find(schema, "enum") is { ValueKind: JsonValueKind.Array } several ? several.EnumerateArray().ToList() : [];
            var texts = values.ConvertAll(value => RequestValues.Text(value) ?? "");

            // Both, others than texts, or some that the tags would end or shorten.
            return texts.Count == 0 || texts.Exists(text => text.Length == 0 || text.Contains(tags.ValueClose, StringComparison.Ordinal) || text.StartsWith('\n') || text.EndsWith('\n'))
                || Keywords(schema).Contains("enum") == Keywords(schema).Contains("const")
                ? null
                : texts;
        }
    }

    /// <summary>References name places of the whole schema, and a value's grammar is made of its part alone.</summary>
    public bool HasReference => schema.GetRawText().Contains("$ref", StringComparison.Ordinal);

    /// <summary>A text is a value of its own type, and with "null" among the types it may be that.</summary>
    private static bool AllowsAnyText(JsonElement schema)
    {
        var keywords = Keywords(schema).ToList();
        return schema.ValueKind == JsonValueKind.True
            || (schema.ValueKind == JsonValueKind.Object && (keywords is [] or ["type"]
                || (keywords is ["anyOf"] && RequestValues.Find(schema, "anyOf") is { ValueKind: JsonValueKind.Array } branches
                    && branches.EnumerateArray().All(branch => Keywords(branch).All(keyword => keyword == "type")) && branches.EnumerateArray().Any(AllowsAnyText))));
    }

    private static IEnumerable<string> Keywords(JsonElement schema) =>
        schema.ValueKind == JsonValueKind.Object ? schema.EnumerateObject().Select(member => member.Name).Where(name => !Words.Contains(name)) : [];
}
