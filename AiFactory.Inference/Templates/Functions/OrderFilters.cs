using System.Runtime.ExceptionServices;
using AiFactory.Inference.Templates.Evaluation;
using AiFactory.Inference.Templates.Values;

namespace AiFactory.Inference.Templates.Functions;

/// <summary>Filters that compare elements. As in Jinja, they take large and small letters for the same unless <c>case_sensitive</c> is set.</summary>
internal static class OrderFilters
{
    public static TemplateValue Sort(TemplateValue value, CallArguments arguments)
    {
        arguments.Expect(3, "reverse", "case_sensitive", "attribute");
        var key = KeyOf(arguments, arguments.FindBoolean(1, "case_sensitive", false), arguments.Find(2, "attribute"));
        return new ListValue(Ordered(SequenceFilters.Enumerate(value, arguments), key, arguments.FindBoolean(0, "reverse", false), arguments));
    }

    public static TemplateValue DictSort(TemplateValue value, CallArguments arguments)
    {
        arguments.Expect(3, "case_sensitive", "by", "reverse");
        var map = value as MapValue ?? throw arguments.Fail($"takes a dict, not {value.TypeName}");
        var place = arguments.FindText(1, "by")?.Text switch
        {
            null or "key" => 0,
            "value" => 1,
            var by => throw arguments.Fail($"'by' is 'key' or 'value', not '{by}'"),
        };
        var key = KeyOf(arguments, arguments.FindBoolean(0, "case_sensitive", false), new IntegerValue(place));
        return new ListValue(Ordered(MapMethods.Items(map, arguments.Context).Items, key, arguments.FindBoolean(2, "reverse", false), arguments));
    }

    /// <summary>The first of like elements stays.</summary>
    public static TemplateValue Unique(TemplateValue value, CallArguments arguments)
    {
        arguments.Expect(2, "case_sensitive", "attribute");
        var key = KeyOf(arguments, arguments.FindBoolean(0, "case_sensitive", false), arguments.Find(1, "attribute"));
        var (kept, seen) = (new List<TemplateValue>(), new List<TemplateValue>());
        foreach (var item in SequenceFilters.Enumerate(value, arguments))
        {
            var own = key(item);
            if (!seen.Exists(other => Equality.AreEqual(other, own, arguments.Context)))
            {
                seen.Add(own);
                kept.Add(item);
            }
        }

        return new ListValue(kept);
    }

    public static TemplateValue Min(TemplateValue value, CallArguments arguments) => Extreme(value, arguments, sign: -1);

    public static TemplateValue Max(TemplateValue value, CallArguments arguments) => Extreme(value, arguments, sign: 1);

    private static TemplateValue Extreme(TemplateValue value, CallArguments arguments, int sign)
    {
        arguments.Expect(2, "case_sensitive", "attribute");
        var key = KeyOf(arguments, arguments.FindBoolean(0, "case_sensitive", false), arguments.Find(1, "attribute"));
        TemplateValue? best = null;
        foreach (var item in SequenceFilters.Enumerate(value, arguments))
        {
            best = best is null || Equality.Compare(key(item), key(best), arguments.Context) * sign > 0 ? item : best;
        }

        return best ?? new UndefinedValue("there is no item");
    }

    /// <summary>Stable, also when reversed.</summary>
    private static List<TemplateValue> Ordered(IReadOnlyList<TemplateValue> items, Func<TemplateValue, TemplateValue> key, bool reverse, CallArguments arguments)
    {
        var comparer = Comparer<TemplateValue>.Create((left, right) => Equality.Compare(left, right, arguments.Context));
        try
        {
            return [.. reverse ? items.OrderByDescending(key, comparer) : items.OrderBy(key, comparer)];
        }
        catch (InvalidOperationException wrapped) when (wrapped.InnerException is TemplateException or OperationCanceledException)
        {
            ExceptionDispatchInfo.Throw(wrapped.InnerException);
            throw;
        }
    }

    private static Func<TemplateValue, TemplateValue> KeyOf(CallArguments arguments, bool caseSensitive, TemplateValue? attribute) => item =>
    {
        var key = attribute is null or NoneValue ? item : AttributePath.Follow(item, attribute, arguments);
        return key is StringValue text && !caseSensitive ? Texts.Lower(text, arguments.Context) : key;
    };
}
