using AiFactory.Inference.Templates.Evaluation;
using AiFactory.Inference.Templates.Values;

namespace AiFactory.Inference.Templates.Functions;

/// <summary>Filters that look at a list, a dict or a text as a whole.</summary>
internal static class SequenceFilters
{
    public static TemplateValue Length(TemplateValue value, CallArguments arguments) =>
        new IntegerValue(Sequences.Count(value) ?? throw arguments.Fail($"a {value.TypeName} has no length"));

    public static TemplateValue First(TemplateValue value, CallArguments arguments) => End(value, arguments, isLast: false) ?? new UndefinedValue("there is no first item");

    public static TemplateValue Last(TemplateValue value, CallArguments arguments) => End(value, arguments, isLast: true) ?? new UndefinedValue("there is no last item");

    public static TemplateValue List(TemplateValue value, CallArguments arguments) => new ListValue(Enumerate(value, arguments));

    public static TemplateValue Items(TemplateValue value, CallArguments arguments) => value switch
    {
        MapValue map => MapMethods.Items(map, arguments.Context),
        UndefinedValue => ListValue.Empty,
        _ => throw arguments.Fail($"takes a dict, not {value.TypeName}"),
    };

    public static TemplateValue Reverse(TemplateValue value, CallArguments arguments)
    {
        var items = Enumerate(value, arguments);
        return value is StringValue
            ? items.Reverse().Aggregate(new TextBuilder(arguments.Context), (builder, item) => builder.Append((StringValue)item)).ToValue()
            : new ListValue([.. items.Reverse()]);
    }

    /// <summary>With <c>true</c> as the second argument, what is empty counts as absent too.</summary>
    public static TemplateValue Default(TemplateValue value, CallArguments arguments)
    {
        arguments.Expect(2, "default_value", "boolean");
        return value is UndefinedValue || (arguments.FindBoolean(1, "boolean", false) && !value.IsTruthy) ? arguments.Find(0, "default_value") ?? StringValue.Empty : value;
    }

    public static IReadOnlyList<TemplateValue> Enumerate(TemplateValue value, CallArguments arguments) =>
        Sequences.Enumerate(value, arguments.Context) ?? throw NoSequence(value, arguments);

    private static TemplateValue? End(TemplateValue value, CallArguments arguments, bool isLast) =>
        Sequences.Count(value) is null ? throw NoSequence(value, arguments) : Sequences.End(value, isLast);

    private static TemplateException NoSequence(TemplateValue value, CallArguments arguments) => arguments.Fail($"takes a list, a dict or a text, not {value.TypeName}");
}
