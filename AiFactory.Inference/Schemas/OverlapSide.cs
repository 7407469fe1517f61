using System.Text.Json;

namespace AiFactory.Inference.Schemas;

/// <summary>What tells a branch of a <c>oneOf</c> from the others, read once for all of them.</summary>
internal sealed class OverlapSide
{
    private readonly SchemaSource _source;
    private readonly Dictionary<string, List<SchemaItem>> _members = [];
    private readonly Dictionary<string, OverlapSide> _read = [];
    private readonly HashSet<JsonElement>? _values;

    /// <param name="items">What is asked of values together.</param>
    public OverlapSide(SchemaSource source, IEnumerable<SchemaItem> items)
    {
        _source = source;
        var shape = new SchemaShape(source.Flatten(items).Where(item => item.Kind is SchemaItemKind.Bare or SchemaItemKind.Whole));
        (Declared, Types) = (shape.Declared, shape.Types);
        _values = shape.Values?.ToHashSet(JsonValueComparer.Instance);
        foreach (var (properties, path) in shape.All("properties"))
        {
            foreach (var property in properties.ValueKind == JsonValueKind.Object ? [.. properties.EnumerateObject()] : (List<JsonProperty>)[])
            {
                source.Work.Spend(1, path);
                (_members.TryGetValue(property.Name, out var known) ? known : _members[property.Name] = []).Add(new SchemaItem(SchemaItemKind.Whole, property.Value, SchemaSource.Append(path, property.Name)));
            }
        }

        foreach (var (required, path) in shape.All("required"))
        {
            foreach (var name in required.ValueKind == JsonValueKind.Array ? [.. required.EnumerateArray()] : (List<JsonElement>)[])
            {
                source.Work.Spend(1, path);
                Required.Add(name.ValueKind == JsonValueKind.String ? name.GetString() ?? "" : "");
            }
        }

        var (hasPatterns, others) = (shape.All("patternProperties").Any(), shape.All("additionalProperties").ToList());
        AllowsOthers = others.Exists(other => other.Value.ValueKind != JsonValueKind.False) || hasPatterns || (_members.Count == 0 && Required.Count == 0);
        RefusesOthers = others.Exists(other => other.Value.ValueKind == JsonValueKind.False) && !hasPatterns;
    }

    public SchemaTypes Declared { get; }

    public SchemaTypes Types { get; }

    public bool HasValues => _values is not null;

    public HashSet<string> Required { get; } = [];

    /// <summary>Whether values are written with members that it does not name.</summary>
    public bool AllowsOthers { get; }

    /// <summary>Whether values with members that it does not name do not meet it.</summary>
    public bool RefusesOthers { get; }

    public bool Names(string name) => _members.ContainsKey(name);

    /// <summary>Whether no value of this is one of the other's, as far as types and listed values tell.</summary>
    public bool IsApartByValue(OverlapSide other, string path)
    {
        if ((Types & other.Declared) == 0)
        {
            return true;
        }

        if (_values is not { } mine || other._values is not { } theirs)
        {
            return false;
        }

        // Each of the fewer is looked for among the others.
        var (fewer, more) = mine.Count <= theirs.Count ? (mine, theirs) : (theirs, mine);
        _source.Work.Spend(fewer.Count, path);
        return !fewer.Any(more.Contains);
    }

    /// <summary>What is asked of a member that it <see cref="Names"/>.</summary>
    public OverlapSide Member(string name) => _read.TryGetValue(name, out var known) ? known : _read[name] = new OverlapSide(_source, _members[name]);
}
