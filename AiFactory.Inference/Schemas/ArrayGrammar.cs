using System.Text.Json;

namespace AiFactory.Inference.Schemas;

/// <summary>Arrays: the first items each by a schema of its own, the others by one for all.</summary>
internal sealed class ArrayGrammar(SchemaGrammar grammar, SchemaShape shape, string rule)
{
    private readonly Dictionary<string, JsonElement> _items = shape.All("items").ToDictionary(items => items.Path, items => items.Value);
    private readonly List<(JsonElement Value, string Path)> _prefixes = [.. shape.All("prefixItems")];

    /// <exception cref="SchemaException"/>
    public string Write()
    {
        foreach (var (path, value) in _items.Where(items => items.Value.ValueKind == JsonValueKind.Array))
        {
            throw new SchemaException(path, "is one schema for all items: for one of each place there is prefixItems");
        }

        if (_prefixes.Find(prefix => prefix.Value.ValueKind != JsonValueKind.Array) is { Path: not null } bad)
        {
            throw new SchemaException(bad.Path, "is an array of schemas");
        }

        var (least, most) = (shape.Repetitions("minItems", isLeast: true) ?? 0, shape.Repetitions("maxItems", isLeast: false) ?? int.MaxValue);
        var fixedItems = _prefixes.Select(prefix => prefix.Value.GetArrayLength()).DefaultIfEmpty(0).Max();

        // Behind items that each have a schema there are others only where the schema says so, or asks for more.
        var isOpen = fixedItems == 0 || least > fixedItems || _items.Values.Any(items => items.ValueKind != JsonValueKind.False);
        most = isOpen ? most : Math.Min(most, fixedItems);
        if (most < least)
        {
            return "[]";
        }

        for (var i = Math.Min(fixedItems, most); i >= 0; i--)
        {
            WritePlace(i, fixedItems, least, most);
        }

        return $"\"[\" ws {rule}-0 ws \"]\"";
    }

    /// <summary>From the item at a place to the end.</summary>
    private void WritePlace(int place, int fixedItems, int least, int most)
    {
        var comma = place == 0 ? "" : "ws \",\" ws ";
        if (place == fixedItems)
        {
            var item = grammar.Rule(At(place));
            var (fewest, mosts) = (Math.Max(0, least - place), most == int.MaxValue ? (int?)null : most - place);
            grammar.Append($"{rule}-{place}", mosts == 0 ? "\"\""
                : place > 0 ? $"({comma}{item}){{{fewest},{mosts}}}"
                : $"{item} (ws \",\" ws {item}){{{Math.Max(0, fewest - 1)},{mosts - 1}}}{(fewest == 0 ? " | \"\"" : "")}");
            return;
        }

        grammar.Append($"{rule}-{place}", place >= most ? "\"\"" : $"{comma}{grammar.Rule(At(place))} {rule}-{place + 1}{(place >= least ? " | \"\"" : "")}");
    }

    /// <summary>All that is asked of the item at a place.</summary>
    private List<SchemaItem> At(int place)
    {
        var items = new List<SchemaItem>();
        grammar.Spend(shape.Objects.Count, shape.Path);
        foreach (var schema in shape.Objects)
        {
            var prefixPath = SchemaSource.Append(schema.Path, "prefixItems");
            var path = SchemaSource.Append(schema.Path, "items");
            if (_prefixes.Find(prefix => prefix.Path == prefixPath) is { Path: not null } own && place < own.Value.GetArrayLength())
            {
                items.Add(new SchemaItem(SchemaItemKind.Whole, own.Value[place], $"{prefixPath}/{place}"));
            }
            else if (_items.TryGetValue(path, out var all))
            {
                items.Add(new SchemaItem(SchemaItemKind.Whole, all, path));
            }
        }

        return items;
    }
}
