using AiFactory.Inference.Templates.Syntax;
using AiFactory.Inference.Templates.Values;

namespace AiFactory.Inference.Templates.Evaluation;

/// <summary>What <c>+ - * / // % ** ~</c> and the comparisons do.</summary>
internal static class Operators
{
    public static TemplateValue Apply(BinaryOperator operation, TemplateValue left, TemplateValue right, RenderContext context)
    {
        if (operation == BinaryOperator.Concatenate)
        {
            return new TextBuilder(context).Append(PythonText.Of(left, context)).Append(PythonText.Of(right, context)).ToValue();
        }

        return (operation, left, right) switch
        {
            (BinaryOperator.Add, StringValue a, StringValue b) => new TextBuilder(context).Append(a).Append(b).ToValue(),
            (BinaryOperator.Add, ListValue a, ListValue b) when a.IsTuple == b.IsTuple => Join(a, b, context),
            (BinaryOperator.Multiply, StringValue text, IntegerValue times) => Repeat(text, times.Value, context),
            (BinaryOperator.Multiply, IntegerValue times, StringValue text) => Repeat(text, times.Value, context),
            (BinaryOperator.Multiply, ListValue list, IntegerValue times) => Repeat(list, times.Value, context),
            _ => Numbers.Calculate(operation, left, right, context)
                ?? throw context.Fail(Describe(left) ?? Describe(right) ?? $"'{Sign(operation)}' does not take {left.TypeName} and {right.TypeName}"),
        };
    }

    public static bool Apply(ComparisonOperator operation, TemplateValue left, TemplateValue right, RenderContext context) => operation switch
    {
        ComparisonOperator.Equal => Equality.AreEqual(left, right, context),
        ComparisonOperator.NotEqual => !Equality.AreEqual(left, right, context),
        ComparisonOperator.In => Equality.Contains(right, left, context),
        ComparisonOperator.NotIn => !Equality.Contains(right, left, context),
        ComparisonOperator.Less => Equality.Compare(left, right, context) < 0,
        ComparisonOperator.LessOrEqual => Equality.Compare(left, right, context) <= 0,
        ComparisonOperator.Greater => Equality.Compare(left, right, context) > 0,
        _ => Equality.Compare(left, right, context) >= 0,
    };

    public static TemplateValue Negate(TemplateValue value, bool minus, RenderContext context) => value switch
    {
        FloatValue real => minus ? new FloatValue(-real.Value) : real,
        _ when Numbers.TryReadWhole(value, out var whole) && whole != long.MinValue => new IntegerValue(minus ? -whole : whole),
        _ => throw context.Fail(Describe(value) ?? $"'{(minus ? '-' : '+')}' does not take {value.TypeName}"),
    };

    private static ListValue Join(ListValue a, ListValue b, RenderContext context)
    {
        context.Step(a.Items.Count + b.Items.Count);
        return new ListValue([.. a.Items, .. b.Items], a.IsTuple);
    }

    private static StringValue Repeat(StringValue text, long times, RenderContext context)
    {
        var builder = new TextBuilder(context);
        for (var i = 0L; i < times && text.Text.Length > 0; i++)
        {
            context.Step();
            builder.Append(text);
        }

        return builder.ToValue();
    }

    private static ListValue Repeat(ListValue list, long times, RenderContext context)
    {
        var items = new List<TemplateValue>();
        for (var i = 0L; i < times && list.Items.Count > 0; i++)
        {
            context.Step(list.Items.Count);
            items.AddRange(list.Items);
        }

        return new ListValue(items, list.IsTuple);
    }

    private static string? Describe(TemplateValue value) => (value as UndefinedValue)?.Description;

    private static string Sign(BinaryOperator operation) => operation switch
    {
        BinaryOperator.Add => "+",
        BinaryOperator.Subtract => "-",
        BinaryOperator.Multiply => "*",
        BinaryOperator.Divide => "/",
        BinaryOperator.FloorDivide => "//",
        BinaryOperator.Modulo => "%",
        BinaryOperator.Power => "**",
        _ => "~",
    };
}
