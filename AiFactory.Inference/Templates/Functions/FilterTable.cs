using System.Collections.Frozen;
using AiFactory.Inference.Templates.Evaluation;
using AiFactory.Inference.Templates.Values;

namespace AiFactory.Inference.Templates.Functions;

/// <summary>Every filter that a template may use, by its name: <c>{{ value | name(arguments) }}</c>.</summary>
internal static class FilterTable
{
    private static readonly FrozenDictionary<string, Func<TemplateValue, CallArguments, TemplateValue>> Filters =
        new Dictionary<string, Func<TemplateValue, CallArguments, TemplateValue>>
        {
            ["abs"] = NumberFilters.Abs,
            ["capitalize"] = TextFilters.Capitalize,
            ["count"] = SequenceFilters.Length,
            ["d"] = SequenceFilters.Default,
            ["default"] = SequenceFilters.Default,
            ["dictsort"] = OrderFilters.DictSort,
            ["e"] = TextFilters.Escape,
            ["escape"] = TextFilters.Escape,
            ["first"] = SequenceFilters.First,
            ["float"] = NumberFilters.Float,
            ["indent"] = TextFilters.Indent,
            ["int"] = NumberFilters.Int,
            ["items"] = SequenceFilters.Items,
            ["join"] = TextFilters.Join,
            ["last"] = SequenceFilters.Last,
            ["length"] = SequenceFilters.Length,
            ["list"] = SequenceFilters.List,
            ["lower"] = TextFilters.Lower,
            ["map"] = SelectionFilters.Map,
            ["max"] = OrderFilters.Max,
            ["min"] = OrderFilters.Min,
            ["reject"] = (value, arguments) => SelectionFilters.Select(value, arguments, keep: false),
            ["rejectattr"] = (value, arguments) => SelectionFilters.SelectAttribute(value, arguments, keep: false),
            ["replace"] = TextFilters.Replace,
            ["reverse"] = SequenceFilters.Reverse,
            ["round"] = NumberFilters.Round,
            ["safe"] = TextFilters.Text,
            ["select"] = (value, arguments) => SelectionFilters.Select(value, arguments, keep: true),
            ["selectattr"] = (value, arguments) => SelectionFilters.SelectAttribute(value, arguments, keep: true),
            ["sort"] = OrderFilters.Sort,
            ["string"] = TextFilters.Text,
            ["sum"] = NumberFilters.Sum,
            ["title"] = TextFilters.Title,
            ["tojson"] = TextFilters.ToJson,
            ["trim"] = TextFilters.Trim,
            ["unique"] = OrderFilters.Unique,
            ["upper"] = TextFilters.Upper,
        }.ToFrozenDictionary(StringComparer.Ordinal);

    public static TemplateValue Apply(string name, TemplateValue value, CallArguments arguments) =>
        Filters.TryGetValue(name, out var filter) ? filter(value, arguments) : throw arguments.Context.Fail($"the filter '{name}' is not supported");
}
