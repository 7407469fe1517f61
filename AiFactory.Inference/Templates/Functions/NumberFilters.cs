using System.Globalization;
using AiFactory.Inference.Templates.Evaluation;
using AiFactory.Inference.Templates.Syntax;
using AiFactory.Inference.Templates.Values;

namespace AiFactory.Inference.Templates.Functions;

/// <summary>Filters that give a number.</summary>
internal static class NumberFilters
{
    public static TemplateValue Abs(TemplateValue value, CallArguments arguments) => value switch
    {
        FloatValue real => new FloatValue(Math.Abs(real.Value)),
        _ when Numbers.TryReadWhole(value, out var whole) && whole != long.MinValue => new IntegerValue(Math.Abs(whole)),
        _ => throw arguments.Fail($"takes a number, not {value.TypeName}"),
    };

    /// <summary>What is no number gives the default: <c>'x' | int(1)</c> is 1.</summary>
    public static TemplateValue Int(TemplateValue value, CallArguments arguments)
    {
        arguments.Expect(1, "default");
        Equality.ScanText(value, arguments.Context);
        return value switch
        {
            _ when Numbers.TryReadWhole(value, out var whole) => new IntegerValue(whole),
            StringValue text when long.TryParse(text.Text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var whole) => new IntegerValue(whole),
            _ when TryReadReal(value, out var real) && Math.Abs(real) < long.MaxValue => new IntegerValue((long)real),
            _ => arguments.Find(0, "default") ?? new IntegerValue(0),
        };
    }

    public static TemplateValue Float(TemplateValue value, CallArguments arguments)
    {
        arguments.Expect(1, "default");
        Equality.ScanText(value, arguments.Context);
        return TryReadReal(value, out var real) ? new FloatValue(real) : arguments.Find(0, "default") ?? new FloatValue(0);
    }

    public static TemplateValue Round(TemplateValue value, CallArguments arguments)
    {
        arguments.Expect(2, "precision", "method");
        var method = arguments.FindText(1, "method")?.Text ?? "common";
        if (!Numbers.TryRead(value, out var number) || arguments.FindInteger(0, "precision", 0) is not (>= 0 and <= 15 and var precision))
        {
            throw arguments.Fail($"takes a number and a precision from 0 to 15, not {value.TypeName}");
        }

        if (value is IntegerValue && method == "common")
        {
            return value;
        }

        var scale = Math.Pow(10, precision);
        return new FloatValue(method switch
        {
            "common" => Math.Round(number, (int)precision, MidpointRounding.ToEven),
            "ceil" => Math.Ceiling(number * scale) / scale,
            "floor" => Math.Floor(number * scale) / scale,
            _ => throw arguments.Fail($"'method' is 'common', 'ceil' or 'floor', not '{method}'"),
        });
    }

    public static TemplateValue Sum(TemplateValue value, CallArguments arguments)
    {
        arguments.Expect(2, "attribute", "start");
        var attribute = arguments.Find(0, "attribute");
        return SequenceFilters.Enumerate(value, arguments)
            .Select(item => attribute is null or NoneValue ? item : AttributePath.Follow(item, attribute, arguments))
            .Aggregate(arguments.Find(1, "start") ?? new IntegerValue(0), (sum, item) => Operators.Apply(BinaryOperator.Add, sum, item, arguments.Context));
    }

    private static bool TryReadReal(TemplateValue value, out double real) => value is StringValue text
        ? double.TryParse(text.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out real)
        : Numbers.TryRead(value, out real);
}
