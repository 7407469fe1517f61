using System.Collections.Frozen;
using AiFactory.Inference.Templates.Evaluation;
using AiFactory.Inference.Templates.Syntax;
using AiFactory.Inference.Templates.Values;

namespace AiFactory.Inference.Templates.Functions;

/// <summary>Every test that a template may use, by its name: <c>{% if value is name(arguments) %}</c>.</summary>
internal static class TestTable
{
    private static readonly FrozenDictionary<string, Func<TemplateValue, CallArguments, bool>> Tests = new Dictionary<string, Func<TemplateValue, CallArguments, bool>>
    {
        ["boolean"] = (value, _) => value is BooleanValue,
        ["callable"] = (value, _) => value is FunctionValue,
        ["defined"] = (value, _) => value is not UndefinedValue,
        ["divisibleby"] = (value, arguments) => Remainder(value, arguments.Require(0, "num"), arguments) == 0,
        ["even"] = (value, arguments) => Remainder(value, new IntegerValue(2), arguments) == 0,
        ["false"] = (value, _) => value == BooleanValue.False,
        ["float"] = (value, _) => value is FloatValue,
        ["integer"] = (value, _) => value is IntegerValue,
        ["iterable"] = (value, _) => Sequences.Count(value) is not null,
        ["lower"] = (value, arguments) => Text(value, arguments) is var text && text.Any(char.IsLetter) && !text.Any(char.IsUpper),
        ["mapping"] = (value, _) => value is MapValue,
        ["none"] = (value, _) => value is NoneValue,
        ["number"] = (value, _) => Numbers.TryRead(value, out var _),
        ["odd"] = (value, arguments) => Remainder(value, new IntegerValue(2), arguments) == 1,
        ["sameas"] = (value, arguments) => ReferenceEquals(value, arguments.Require(0, "other")),
        ["sequence"] = (value, _) => Sequences.Count(value) is not null,
        ["string"] = (value, _) => value is StringValue,
        ["true"] = (value, _) => value == BooleanValue.True,
        ["undefined"] = (value, _) => value is UndefinedValue,
        ["upper"] = (value, arguments) => Text(value, arguments) is var text && text.Any(char.IsLetter) && !text.Any(char.IsLower),
        ["in"] = Comparison(ComparisonOperator.In),
        ["eq"] = Comparison(ComparisonOperator.Equal),
        ["equalto"] = Comparison(ComparisonOperator.Equal),
        ["=="] = Comparison(ComparisonOperator.Equal),
        ["ne"] = Comparison(ComparisonOperator.NotEqual),
        ["!="] = Comparison(ComparisonOperator.NotEqual),
        ["lt"] = Comparison(ComparisonOperator.Less),
        ["lessthan"] = Comparison(ComparisonOperator.Less),
        ["<"] = Comparison(ComparisonOperator.Less),
        ["le"] = Comparison(ComparisonOperator.LessOrEqual),
        ["<="] = Comparison(ComparisonOperator.LessOrEqual),
        ["gt"] = Comparison(ComparisonOperator.Greater),
        ["greaterthan"] = Comparison(ComparisonOperator.Greater),
        [">"] = Comparison(ComparisonOperator.Greater),
        ["ge"] = Comparison(ComparisonOperator.GreaterOrEqual),
        [">="] = Comparison(ComparisonOperator.GreaterOrEqual),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static bool Holds(string name, TemplateValue value, CallArguments arguments) =>
        Tests.TryGetValue(name, out var test) ? test(value, arguments) : throw arguments.Context.Fail($"the test '{name}' is not supported");

    private static Func<TemplateValue, CallArguments, bool> Comparison(ComparisonOperator comparison) =>
        (value, arguments) => Operators.Apply(comparison, value, arguments.Require(0, "other"), arguments.Context);

    private static long Remainder(TemplateValue value, TemplateValue divisor, CallArguments arguments) =>
        Numbers.TryReadWhole(value, out var a) && Numbers.TryReadWhole(divisor, out var b) && b != 0
            ? Math.Abs(b == -1 ? 0 : a % b)
            : throw arguments.Fail($"takes whole numbers, not {value.TypeName} and {divisor.TypeName}");

    private static string Text(TemplateValue value, CallArguments arguments)
    {
        var text = PythonText.Of(value, arguments.Context).Text;
        arguments.Context.Scan(text.Length);
        return text;
    }
}
