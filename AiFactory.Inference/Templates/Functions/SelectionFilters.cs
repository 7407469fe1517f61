using AiFactory.Inference.Templates.Evaluation;
using AiFactory.Inference.Templates.Values;

namespace AiFactory.Inference.Templates.Functions;

/// <summary>Filters that choose among a list's elements, or make others of them. What counts as false has no elements, None as little as an empty list.</summary>
internal static class SelectionFilters
{
    /// <summary><c>map(attribute='name', default='')</c>, or <c>map('upper')</c> with another filter and its arguments.</summary>
    public static TemplateValue Map(TemplateValue value, CallArguments arguments)
    {
        var items = Enumerate(value, arguments);
        if (arguments.Positional.Count > 0)
        {
            var (filter, rest) = (arguments.RequireText(0, "filter").Text, arguments.Skip(1));
            return new ListValue([.. items.Select(item => FilterTable.Apply(filter, item, rest))]);
        }

        arguments.Expect(0, "attribute", "default");
        var attribute = arguments.Named.GetValueOrDefault("attribute") ?? throw arguments.Fail("needs a filter or an 'attribute'");
        var otherwise = arguments.Named.GetValueOrDefault("default");
        return new ListValue([.. items.Select(item => AttributePath.Follow(item, attribute, arguments) is var found && found is UndefinedValue ? otherwise ?? found : found)]);
    }

    /// <summary><c>select('string')</c> keeps what the test holds for; without a test, what counts as true.</summary>
    public static TemplateValue Select(TemplateValue value, CallArguments arguments, bool keep) => Where(value, arguments, arguments, item => item, keep);

    /// <summary><c>selectattr('role', 'equalto', 'user')</c>: the test is of the attribute.</summary>
    public static TemplateValue SelectAttribute(TemplateValue value, CallArguments arguments, bool keep)
    {
        var attribute = arguments.Require(0, "attribute");
        return Where(value, arguments, arguments.Skip(1), item => AttributePath.Follow(item, attribute, arguments), keep);
    }

    private static IReadOnlyList<TemplateValue> Enumerate(TemplateValue value, CallArguments arguments) => value.IsTruthy ? SequenceFilters.Enumerate(value, arguments) : [];

    private static ListValue Where(TemplateValue value, CallArguments arguments, CallArguments test, Func<TemplateValue, TemplateValue> look, bool keep)
    {
        var (name, rest) = test.Positional.Count > 0 ? (test.RequireText(0, "test").Text, test.Skip(1)) : (null, test);
        return new ListValue([.. Enumerate(value, arguments)
            .Where(item => (name is null ? look(item).IsTruthy : TestTable.Holds(name, look(item), rest)) == keep)]);
    }
}
