using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace AiFactory.Inference.Schemas;

/// <summary>A schema's JSON, and what its references name.</summary>
internal sealed class SchemaSource
{
    private const int MostBytes = 256 * 1024;

    /// <summary>Of values, as many as a short one has.</summary>
    private const int BytesOfStep = 8;

    private readonly JsonElement _root;

    /// <exception cref="SchemaException">It is too large, or has text that is no Unicode.</exception>
    public SchemaSource(JsonElement root, SchemaWork work)
    {
        (_root, Work) = (root, work);
        if (root.GetRawText().Length is var length && length > MostBytes)
        {
            throw new SchemaException("#", $"the schema has {length} characters, at most {MostBytes} are allowed");
        }

        Check(root, "#");
    }

    public SchemaWork Work { get; }

    public SchemaItem Root => new(SchemaItemKind.Whole, _root, "#");

    public static string Append(string path, string name) => $"{path}/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";

    /// <summary>Takes whole schemas apart: what they refer to and what <c>allOf</c> names is met at the same time. Each condition comes once.</summary>
    public List<SchemaItem> Flatten(IEnumerable<SchemaItem> items)
    {
        var (flat, seen, open) = (new List<SchemaItem>(), new HashSet<string>(), new Queue<SchemaItem>(items));
        while (open.TryDequeue(out var item))
        {
            Work.Spend(Cost(item.Path), item.Path);
            if (!seen.Add(item.Key))
            {
                continue;
            }

            if (item.Kind != SchemaItemKind.Whole || item.Element.ValueKind is JsonValueKind.True or JsonValueKind.False)
            {
                flat.Add(item);
                continue;
            }

            if (item.Element.ValueKind != JsonValueKind.Object)
            {
                throw new SchemaException(item.Path, "a schema is an object, true or false");
            }

            if (seen.Add(new SchemaItem(SchemaItemKind.Bare, item.Element, item.Path).Key))
            {
                flat.Add(item with { Kind = SchemaItemKind.Bare });
            }

            foreach (var keyword in item.Element.EnumerateObject())
            {
                Work.Spend(Cost(item.Path), item.Path);
                var path = Append(item.Path, keyword.Name);
                switch (keyword.Name)
                {
                    case "enum" or "const":
                        Work.Spend(JsonMarshal.GetRawUtf8Value(keyword.Value).Length / BytesOfStep, path);
                        break;
                    case "$ref":
                        open.Enqueue(Resolve(keyword.Value, path));
                        break;
                    case "allOf":
                        Work.Spend(keyword.Value.ValueKind == JsonValueKind.Array ? keyword.Value.GetArrayLength() : 0, path);
                        foreach (var part in Branches(keyword.Value, path))
                        {
                            open.Enqueue(part);
                        }

                        break;
                    case "anyOf" or "oneOf":
                        open.Enqueue(new SchemaItem(keyword.Name == "anyOf" ? SchemaItemKind.AnyOf : SchemaItemKind.OneOf, keyword.Value, path));
                        break;
                }
            }
        }

        return flat;
    }

    /// <summary>Conditions are known by their paths, which may be long.</summary>
    private static long Cost(string path) => 1 + (path.Length / 64);

    public static List<SchemaItem> Branches(JsonElement array, string path) => array.ValueKind == JsonValueKind.Array && array.GetArrayLength() > 0
        ? [.. array.EnumerateArray().Select((branch, index) => new SchemaItem(SchemaItemKind.Whole, branch, $"{path}/{index}"))]
        : throw new SchemaException(path, "is an array of one schema or more");

    /// <summary>A JSON pointer (RFC 6901) into the same schema: <c>#</c> or <c>#/$defs/node</c>.</summary>
    private SchemaItem Resolve(JsonElement reference, string path)
    {
        if (reference.ValueKind != JsonValueKind.String || reference.GetString() is not { } text || (text != "#" && !text.StartsWith("#/", StringComparison.Ordinal)))
        {
            throw new SchemaException(path, "only a reference into the same schema is followed, for example \"#/$defs/node\"");
        }

        var (element, canonical) = (_root, "#");
        foreach (var part in text.Split('/').Skip(1))
        {
            var name = Uri.UnescapeDataString(part).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            if (element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member))
            {
                element = member;
            }
            else if (element.ValueKind == JsonValueKind.Array && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < element.GetArrayLength())
            {
                element = element[index];
            }
            else
            {
                throw new SchemaException(path, $"there is nothing at {text}");
            }

            canonical = Append(canonical, name);
        }

        return new SchemaItem(SchemaItemKind.Whole, element, canonical);
    }

    /// <summary>No deeper than JSON may be nested, which its reader has seen to.</summary>
    private static void Check(JsonElement element, string path)
    {
        try
        {
            switch (element.ValueKind)
            {
                case JsonValueKind.String:
                    element.GetString();
                    break;
                case JsonValueKind.Object:
                    foreach (var member in element.EnumerateObject())
                    {
                        Check(member.Value, Append(path, member.Name));
                    }

                    break;
                case JsonValueKind.Array:
                    foreach (var item in element.EnumerateArray())
                    {
                        Check(item, path);
                    }

                    break;
            }
        }
        catch (InvalidOperationException)
        {
            throw new SchemaException(path, "has a text that is not valid Unicode");
        }
    }
}
