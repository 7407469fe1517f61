using System.Text.Json;

namespace AiFactory.ServiceDefaults.Schemas;

/// <summary>A keyword where it stands.</summary>
/// <param name="Schema">What it is a member of: some keywords mean nothing without their neighbours.</param>
/// <param name="Node">Gets the check.</param>
/// <param name="Path">Of the schema, as a JSON pointer.</param>
internal sealed record SchemaPlace(SchemaReader Reader, JsonElement Schema, SchemaNode Node, JsonElement Value, string Path, string Keyword)
{
    public string KeywordPath => SchemaReader.Append(Path, Keyword);

    public SchemaException Complain(string message) => new(KeywordPath, message);

    /// <summary>The keyword's value as a schema for another value: a member's, or an element's.</summary>
    public SchemaNode Inner() => Reader.Read(Value, KeywordPath);

    /// <summary>As a schema for the same value.</summary>
    public SchemaNode Same(SchemaNode part)
    {
        Node.InPlace.Add(part);
        return part;
    }

    /// <summary>A list of schemas for the same value.</summary>
    public SchemaNode[] SameOfList() => Value.ValueKind == JsonValueKind.Array && Value.GetArrayLength() > 0
        ? [.. Value.EnumerateArray().Select((part, i) => Same(Reader.Read(part, $"{KeywordPath}/{i}")))]
        : throw Complain("it is a list of schemas");

    /// <summary>A schema for each name.</summary>
    public Dictionary<string, SchemaNode> ByName() => Value.ValueKind == JsonValueKind.Object
        ? Value.EnumerateObject().DistinctBy(part => part.Name).ToDictionary(part => part.Name, part => Reader.Read(part.Value, SchemaReader.Append(KeywordPath, part.Name)), StringComparer.Ordinal)
        : throw Complain("it is an object of schemas");

    /// <summary>Of such an object of a neighbour, which is read by itself; none where it is none, for it will say so.</summary>
    public IEnumerable<string> Keys() => Value.ValueKind == JsonValueKind.Object ? Value.EnumerateObject().Select(part => part.Name) : [];

    public string[] Names() => Value.ValueKind == JsonValueKind.Array && Value.EnumerateArray().All(name => name.ValueKind == JsonValueKind.String)
        ? [.. Value.EnumerateArray().Select(name => name.GetString() ?? "")]
        : throw Complain("it is a list of names");

    public string Text() => Value.ValueKind == JsonValueKind.String ? Value.GetString() ?? "" : throw Complain("it is a text");

    public int Count() => Value.ValueKind == JsonValueKind.Number && Value.TryGetInt32(out var count) && count >= 0 ? count : throw Complain("it is a whole number, and not below 0");

    public bool Flag() => Value.ValueKind is JsonValueKind.True or JsonValueKind.False ? Value.GetBoolean() : throw Complain("it is true or false");

    /// <summary>A neighbour that counts; null where there is none.</summary>
    public int? CountOf(string keyword) => Schema.TryGetProperty(keyword, out var value) ? (this with { Keyword = keyword, Value = value }).Count() : null;

    /// <summary>A neighbour, as if it was this; null where there is none.</summary>
    public SchemaPlace? Beside(string keyword) => Schema.TryGetProperty(keyword, out var value) ? this with { Keyword = keyword, Value = value } : null;

    public void Add(SchemaCheck check) => Node.Checks.Add(check);
}
