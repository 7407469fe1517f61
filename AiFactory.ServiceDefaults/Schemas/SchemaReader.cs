using System.Text.Json;
using AiFactory.ServiceDefaults.Guardrails;

namespace AiFactory.ServiceDefaults.Schemas;

/// <summary>Reads a schema once; a part that is referred to is read once too.</summary>
/// <param name="budget">For its patterns.</param>
internal sealed class SchemaReader(JsonElement document, PatternBudget budget)
{
    public const string Root = "#";

    private const int MostParts = 2_000;
    private const int Deepest = 64;

    /// <summary>What says something to people, or is read where it is referred to.</summary>
    private static readonly HashSet<string> Annotations = new(StringComparer.Ordinal)
    {
        "title", "description", "default", "examples", "$schema", "$comment", "deprecated", "readOnly", "writeOnly", "$defs", "definitions", "contentMediaType", "contentEncoding",
        "then", "else", "minContains", "maxContains",
    };

    private readonly Dictionary<string, SchemaNode> _parts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RulePattern> _patterns = new(StringComparer.Ordinal);
    private int _depth;

    /// <exception cref="SchemaException"/>
    public SchemaNode Read()
    {
        var root = Read(document, Root);
        var done = new HashSet<SchemaNode>();
        foreach (var (path, part) in _parts)
        {
            FindCircle(part, path, [], done);
        }

        return root;
    }

    public SchemaNode Read(JsonElement schema, string path)
    {
        if (_parts.TryGetValue(path, out var known))
        {
            known.IsShared = true;
            return known;
        }

        var node = _parts[path] = new SchemaNode();
        if (_parts.Count > MostParts || ++_depth > Deepest)
        {
            throw new SchemaException(path, $"a schema has at most {MostParts} parts, {Deepest} of them within one another");
        }

        switch (schema.ValueKind)
        {
            case JsonValueKind.True:
                break;
            case JsonValueKind.False:
                node.Checks.Add((_, _) => new SchemaFault("may not be there"));
                break;
            case JsonValueKind.Object:
                foreach (var keyword in schema.EnumerateObject())
                {
                    ReadKeyword(new SchemaPlace(this, schema, node, keyword.Value, path, keyword.Name));
                }

                break;
            default:
                throw new SchemaException(path, "a schema is an object, true or false");
        }

        _depth--;
        return node;
    }

    /// <summary>The part that a <c>$ref</c> names (https://www.rfc-editor.org/rfc/rfc6901).</summary>
    public SchemaNode Resolve(string reference, string path)
    {
        if (reference != Root && !reference.StartsWith("#/", StringComparison.Ordinal))
        {
            throw new SchemaException(path, $"'{reference}' is not within this schema: put what it refers to under '$defs', and refer to '#/$defs/...'");
        }

        var found = document;
        var canonical = Root;
        foreach (var part in reference.Split('/').Skip(1))
        {
            var name = Uri.UnescapeDataString(part).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            var isThere = found.ValueKind switch
            {
                JsonValueKind.Object => found.TryGetProperty(name, out found),
                JsonValueKind.Array when int.TryParse(name, out var index) && index >= 0 && index < found.GetArrayLength() => (found = found[index]).ValueKind != JsonValueKind.Undefined,
                _ => false,
            };
            if (!isThere)
            {
                throw new SchemaException(path, $"there is no '{reference}' in this schema");
            }

            canonical = Append(canonical, name);
        }

        return Read(found, canonical);
    }

    public static string Append(string path, string name) => $"{path}/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";

    /// <summary>A search that no text makes slow, as rules have it; equal ones once.</summary>
    public RulePattern Pattern(string pattern, string path)
    {
        if (!_patterns.TryGetValue(pattern, out var read))
        {
            read = RulePattern.ParseOfSchema(pattern, budget, out var complaint) ?? throw new SchemaException(path, $"the pattern is not taken: {complaint?.TrimEnd('.')}");
            _patterns.Add(pattern, read);
        }

        return read;
    }

    private static void ReadKeyword(SchemaPlace place)
    {
        if (SchemaKeywords.All.TryGetValue(place.Keyword, out var read))
        {
            read(place);
        }
        else if (!Annotations.Contains(place.Keyword) && !(place.Keyword == "$id" && place.Path == Root))
        {
            throw new SchemaException(place.KeywordPath, "answers cannot be held to this keyword: leave it out");
        }
    }

    private static void FindCircle(SchemaNode node, string path, HashSet<SchemaNode> above, HashSet<SchemaNode> done)
    {
        if (done.Contains(node))
        {
            return;
        }

        if (!above.Add(node))
        {
            throw new SchemaException(path, "it refers to itself for one and the same value, without an end");
        }

        foreach (var next in node.InPlace)
        {
            FindCircle(next, path, above, done);
        }

        above.Remove(node);
        done.Add(node);
    }
}
