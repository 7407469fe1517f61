using AiFactory.Inference.Templates.Values;

namespace AiFactory.Inference.Templates.Evaluation;

/// <summary>What can be looped over, counted, indexed and sliced.</summary>
internal static class Sequences
{
    /// <summary>What one character costs as a text of its own: an object, a string and its place in the list.</summary>
    private const int CharactersPerElement = 32;

    /// <summary>A list's elements, a dict's keys, a text's characters; nothing of what is undefined. Null for what is no sequence.</summary>
    public static IReadOnlyList<TemplateValue>? Enumerate(TemplateValue value, RenderContext context)
    {
        // Before the elements are made: those of a text take far more memory than the text.
        context.Step(Count(value) ?? 0);
        if (value is StringValue counted)
        {
            context.CountCharacters((long)counted.Count * CharactersPerElement);
        }

        return value switch
        {
            ListValue list => list.Items,
            MapValue map => [.. map.Keys],
            StringValue text => [.. Enumerable.Range(0, text.Count).Select(i => text.Substring(i, 1))],
            UndefinedValue => [],
            _ => null,
        };
    }

    /// <summary>The first element or the last, without making the others; null when there is none.</summary>
    public static TemplateValue? End(TemplateValue value, bool isLast) => value switch
    {
        ListValue { Items.Count: > 0 } list => list.Items[isLast ? list.Items.Count - 1 : 0],
        MapValue { Entries.Count: > 0 } map => map.Entries[isLast ? map.Entries.Count - 1 : 0].Key,
        StringValue { Text.Length: > 0 } text => EndOf(text, isLast),
        _ => null,
    };

    private static StringValue EndOf(StringValue value, bool isLast)
    {
        var (text, isPair) = (value.Text, value.Text.Length > 1 && char.IsSurrogatePair(value.Text, isLast ? value.Text.Length - 2 : 0));
        var length = isPair ? 2 : 1;
        return value.Slice(isLast ? text.Length - length : 0, length);
    }

    public static long? Count(TemplateValue value) => value switch
    {
        StringValue text => text.Count,
        ListValue list => list.Items.Count,
        MapValue map => map.Entries.Count,
        UndefinedValue => 0,
        _ => null,
    };

    /// <summary>Python's <c>value[start:stop:step]</c>; a null part is left out.</summary>
    public static TemplateValue Slice(TemplateValue value, long? start, long? stop, long? step, RenderContext context)
    {
        if (value is not (StringValue or ListValue))
        {
            throw context.Fail((value as UndefinedValue)?.Description ?? $"a slice takes a text or a list, not {value.TypeName}");
        }

        // A step beyond both ends is as good as any longer one.
        var count = Count(value) ?? 0;
        var by = Math.Clamp(step ?? 1, -count - 1, count + 1);
        if (by == 0)
        {
            throw context.Fail("the step of a slice is not 0");
        }

        var (least, most) = by > 0 ? (0L, count) : (-1L, count - 1);
        var from = Clamp(start, by > 0 ? least : most);
        var to = Clamp(stop, by > 0 ? most : least);
        if (by == 1 && value is StringValue whole)
        {
            var part = whole.Substring((int)from, (int)Math.Max(0, to - from));
            context.CountCharacters(part.Text.Length);
            return part;
        }

        var picked = new List<int>();
        for (var i = from; by > 0 ? i < to : i > to; i += by)
        {
            context.Step();
            picked.Add((int)i);
        }

        return value is ListValue list
            ? new ListValue([.. picked.Select(i => list.Items[i])], list.IsTuple)
            : picked.Aggregate(new TextBuilder(context), (builder, i) => builder.Append(((StringValue)value).Substring(i, 1))).ToValue();

        long Clamp(long? index, long otherwise) => index is not { } i ? otherwise : Math.Clamp(i < 0 ? i + count : i, least, most);
    }
}
