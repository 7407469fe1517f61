using AiFactory.Inference.Templates.Values;

namespace AiFactory.Inference.Templates.Evaluation;

/// <summary>What can be looped over, counted, indexed and sliced.</summary>
internal static class Sequences
{
    /// <summary>A list's elements, a dict's keys, a text's characters; nothing of what is undefined. Null for what is no sequence.</summary>
    public static IReadOnlyList<TemplateValue>? Enumerate(TemplateValue value, RenderContext context)
    {
        var items = value switch
        {
            ListValue list => list.Items,
            MapValue map => [.. map.Keys],
            StringValue text => [.. Enumerable.Range(0, text.Count).Select(i => text.Substring(i, 1))],
            UndefinedValue => [],
            _ => null,
        };
        context.Step(items?.Count ?? 0);
        return items;
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

        var by = step ?? 1;
        if (by is 0 or long.MinValue)
        {
            throw context.Fail("the step of a slice is not 0");
        }

        var count = Count(value) ?? 0;
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
