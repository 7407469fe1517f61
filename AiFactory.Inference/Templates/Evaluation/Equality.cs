using AiFactory.Inference.Templates.Values;

namespace AiFactory.Inference.Templates.Evaluation;

/// <summary>Python's <c>==</c> and <c>&lt;</c>: numbers and truth values compare by value, texts by character, lists by their elements; other kinds are never equal and have no order.</summary>
internal static class Equality
{
    public static bool AreEqual(TemplateValue left, TemplateValue right, RenderContext context)
    {
        context.Step();
        return (left, right) switch
        {
            (StringValue a, StringValue b) => AreEqual(a.Text, b.Text, context),
            (IntegerValue a, IntegerValue b) => a.Value == b.Value,
            (NoneValue, NoneValue) or (UndefinedValue, UndefinedValue) => true,
            (ListValue a, ListValue b) => a.IsTuple == b.IsTuple && a.Items.Count == b.Items.Count && a.Items.Zip(b.Items).All(pair => AreEqual(pair.First, pair.Second, context)),
            (MapValue a, MapValue b) => a.Entries.Count == b.Entries.Count && a.Entries.All(entry => Find(b, entry.Key, context) is { } other && AreEqual(entry.Value, other, context)),
            _ when Numbers.TryRead(left, out var a) && Numbers.TryRead(right, out var b) => a.Equals(b),
            _ => ReferenceEquals(left, right),
        };
    }

    /// <returns>Below 0, 0 or above 0.</returns>
    /// <exception cref="TemplateException">The two have no order.</exception>
    public static int Compare(TemplateValue left, TemplateValue right, RenderContext context)
    {
        context.Step();
        switch (left, right)
        {
            case (StringValue a, StringValue b):
                context.Scan(Math.Min(a.Text.Length, b.Text.Length));
                return string.CompareOrdinal(a.Text, b.Text);
            case (IntegerValue a, IntegerValue b):
                return a.Value.CompareTo(b.Value);
            case (ListValue a, ListValue b) when a.IsTuple == b.IsTuple:
                var differing = a.Items.Zip(b.Items).FirstOrDefault(pair => !AreEqual(pair.First, pair.Second, context));
                return differing.First is null ? a.Items.Count.CompareTo(b.Items.Count) : Compare(differing.First, differing.Second, context);
            default:
                return Numbers.TryRead(left, out var x) && Numbers.TryRead(right, out var y)
                    ? x.CompareTo(y)
                    : throw context.Fail(Describe(left) ?? Describe(right) ?? $"{left.TypeName} and {right.TypeName} have no order");
        }
    }

    public static bool Contains(TemplateValue container, TemplateValue item, RenderContext context) => container switch
    {
        StringValue text => item is StringValue part
            ? Contains(text.Text, part.Text, context)
            : throw context.Fail(Describe(item) ?? $"'in' a text takes a text, not {item.TypeName}"),
        ListValue list => list.Items.Any(element => AreEqual(element, item, context)),
        MapValue map => Find(map, item, context) is not null,
        NamespaceValue space => item is StringValue key && space.Attributes.ContainsKey(key.Text),
        UndefinedValue => false,
        _ => throw context.Fail($"'in' takes a text, a list or a dict, not {container.TypeName}"),
    };

    /// <summary>A dict's value; to find it, the key is hashed.</summary>
    public static TemplateValue? Find(MapValue map, TemplateValue key, RenderContext context)
    {
        ScanText(key, context);
        return map.Find(key);
    }

    public static void ScanText(TemplateValue key, RenderContext context) => context.Scan((key as StringValue)?.Text.Length ?? 0);

    private static bool AreEqual(string left, string right, RenderContext context)
    {
        context.Scan(left.Length == right.Length ? left.Length : 0);
        return left.Equals(right, StringComparison.Ordinal);
    }

    private static bool Contains(string text, string part, RenderContext context)
    {
        context.Search(text.Length, part.Length);
        return text.Contains(part, StringComparison.Ordinal);
    }

    private static string? Describe(TemplateValue value) => (value as UndefinedValue)?.Description;
}
