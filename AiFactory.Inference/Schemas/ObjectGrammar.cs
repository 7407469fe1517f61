using System.Text.Json;

namespace AiFactory.Inference.Schemas;

/// <summary>Objects: the members that are named, in order, then others where they are allowed.</summary>
internal sealed class ObjectGrammar(SchemaGrammar grammar, SchemaShape shape, string rule)
{
    /// <summary>What names of members can be held to.</summary>
    private static readonly string[] NameKeywords = ["type", "pattern", "format", "minLength", "maxLength"];

    private const string NextMember = "ws \",\" ws ";

    private readonly List<string> _names = [];
    private readonly HashSet<string> _known = [];
    private readonly HashSet<string> _required = [];

    /// <summary>The members that each schema names: a JSON element looks for a name among all of its members.</summary>
    private readonly Dictionary<string, JsonElement>[] _properties = [.. shape.Objects.Select(schema => Properties(schema.Element))];

    /// <exception cref="SchemaException"/>
    public string Write()
    {
        ReadNames();
        var members = new List<(string Name, string Rule, bool IsRequired)>();
        foreach (var name in _names)
        {
            var items = Of(name);
            if (!_required.Contains(name) && items.Exists(item => item.Element.ValueKind == JsonValueKind.False))
            {
                continue;
            }

            members.Add((name, grammar.Rule(items), _required.Contains(name)));
        }

        var others = WriteOthers(out var mostOthers);
        CheckCounts(members.Count, others is not null, out var least);

        // From each member to the end: behind one that was written, and as the first. What may be left out is left out by going to the next.
        var most = mostOthers is { } count ? $"{{0,{count - 1}}}" : "*";
        grammar.Append($"{rule}-r{members.Count}", others is null ? "\"\"" : $"({NextMember}{others})*");
        grammar.Append($"{rule}-f{members.Count}", others is null || mostOthers == 0 ? "\"\"" : $"{others} ({NextMember}{others}){most}{(least > 0 ? "" : " | \"\"")}");
        for (var i = members.Count - 1; i >= 0; i--)
        {
            var (name, value, isRequired) = members[i];
            var member = $"{GbnfText.Json(name)} \":\" ws {value} {rule}-r{i + 1}";
            grammar.Append($"{rule}-r{i}", $"{NextMember}{member}{(isRequired ? "" : $" | {rule}-r{i + 1}")}");
            grammar.Append($"{rule}-f{i}", $"{member}{(isRequired ? "" : $" | {rule}-f{i + 1}")}");
        }

        return $"\"{{\" ws {rule}-f0 ws \"}}\"";
    }

    private void ReadNames()
    {
        foreach (var (value, path) in shape.All("properties"))
        {
            _names.AddRange((value.ValueKind == JsonValueKind.Object ? value : throw new SchemaException(path, "is an object of schemas")).EnumerateObject().Select(property => property.Name).Where(_known.Add));
        }

        foreach (var (value, path) in shape.All("required"))
        {
            foreach (var name in value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : throw new SchemaException(path, "is an array of names"))
            {
                var text = name.ValueKind == JsonValueKind.String ? name.GetString() ?? "" : throw new SchemaException(path, "is an array of names");
                _required.Add(text);
                if (_known.Add(text))
                {
                    _names.Add(text);
                }
            }
        }
    }

    private static Dictionary<string, JsonElement> Properties(JsonElement schema)
    {
        var named = new Dictionary<string, JsonElement>();
        if (schema.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in properties.EnumerateObject())
            {
                named[property.Name] = property.Value;
            }
        }

        return named;
    }

    /// <summary>All that is asked of a member: by each schema that names it, and by each that asks something of those it does not name.</summary>
    private List<SchemaItem> Of(string name)
    {
        var items = new List<SchemaItem>();
        grammar.Spend(shape.Objects.Count, shape.Path);
        foreach (var (schema, properties) in shape.Objects.Zip(_properties))
        {
            var path = SchemaSource.Append(schema.Path, "properties");
            if (properties.TryGetValue(name, out var own))
            {
                items.Add(new SchemaItem(SchemaItemKind.Whole, own, SchemaSource.Append(path, name)));
            }
            else if (schema.Element.TryGetProperty("additionalProperties", out var others))
            {
                items.Add(new SchemaItem(SchemaItemKind.Whole, others, SchemaSource.Append(schema.Path, "additionalProperties")));
            }
        }

        return items;
    }

    /// <returns>A member that is not named; null where there are none.</returns>
    private string? WriteOthers(out int? most)
    {
        most = null;
        var (rules, patterns, names) = (shape.All("additionalProperties").ToList(), shape.All("patternProperties").Where(pattern => pattern.Value.ValueKind != JsonValueKind.Object || pattern.Value.EnumerateObject().Any()).ToList(), shape.All("propertyNames").Where(name => name.Value.ValueKind != JsonValueKind.True).ToList());
        var isClosed = rules.Exists(others => others.Value.ValueKind == JsonValueKind.False) || shape.All("unevaluatedProperties").Any();
        most = _names.Count == 0 ? shape.Repetitions("maxProperties", isLeast: false) : null;
        if (patterns.Count > 0)
        {
            return patterns is [var (value, path)] && names.Count == 0 && _names.Count == 0 && isClosed && value.ValueKind == JsonValueKind.Object && value.EnumerateObject().ToList() is [var only]
                ? Member(PatternKey(only.Name, SchemaSource.Append(path, only.Name)), [new SchemaItem(SchemaItemKind.Whole, only.Value, SchemaSource.Append(path, only.Name))])
                : throw new SchemaException(patterns[0].Path, "can be held to alone only: one pattern, no properties, and additionalProperties false");
        }

        if (names.Find(name => name.Value.ValueKind != JsonValueKind.Object || name.Value.EnumerateObject().Any(keyword => !NameKeywords.Contains(keyword.Name))) is { Path: { } unread })
        {
            throw new SchemaException(unread, $"can be held to for {string.Join(", ", NameKeywords)} only");
        }

        if (names.Count > 0 && _names.Count > 0)
        {
            throw new SchemaException(names[0].Path, "cannot be held to beside properties");
        }

        if (isClosed || (rules.Count == 0 && (_names.Count > 0 || shape.All("properties").Any())))
        {
            return null;
        }

        var key = $"{rule}-k";
        if (names.Count > 0)
        {
            grammar.Append(key, StringGrammar.Write(new SchemaShape(names.Select(name => new SchemaItem(SchemaItemKind.Bare, name.Value, name.Path)))));
        }
        else
        {
            grammar.AppendNames(key, _names);
        }

        return Member(key, [.. rules.Select(others => new SchemaItem(SchemaItemKind.Whole, others.Value, others.Path))]);
    }

    private string Member(string key, List<SchemaItem> value)
    {
        grammar.Append($"{rule}-m", $"{key} \":\" ws {grammar.Rule(value)}");
        return $"{rule}-m";
    }

    private string PatternKey(string pattern, string path)
    {
        grammar.Append($"{rule}-k", $"\"\\\"\" ({PatternGrammar.Read(pattern, path, isInJson: true, isWhole: false).Gbnf}) \"\\\"\"");
        return $"{rule}-k";
    }

    /// <param name="least">Members that are not named and must be there: 0 or 1.</param>
    private void CheckCounts(int members, bool isOpen, out int least)
    {
        least = 0;
        if (shape.Count("minProperties", isLeast: true) is { } fewest && fewest > _required.Count)
        {
            // More than one might be the same member twice.
            least = fewest == 1 && isOpen && _names.Count == 0 ? 1
                : throw new SchemaException(shape.All("minProperties").First().Path, "cannot be held to: name the members in required");
        }

        if (shape.Count("maxProperties", isLeast: false) is { } most && (isOpen ? _names.Count > 0 : most < members))
        {
            throw new SchemaException(shape.All("maxProperties").First().Path, "cannot be held to beside properties that it leaves no room for");
        }
    }
}
