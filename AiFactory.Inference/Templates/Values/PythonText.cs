using System.Globalization;
using System.Text;
using AiFactory.Inference.Templates.Evaluation;

namespace AiFactory.Inference.Templates.Values;

/// <summary>Values as Python's <c>str</c> and <c>repr</c> write them: <c>True</c>, <c>None</c>, <c>['a', 1.0]</c>, <c>{'k': 'it\'s'}</c>.</summary>
internal static class PythonText
{
    public static StringValue Of(TemplateValue value, RenderContext context)
    {
        if (value is StringValue text)
        {
            return text;
        }

        var (written, hasData) = (new StringBuilder(), false);
        Write(value, written, ref hasData, context);
        context.CountCharacters(written.Length);
        return StringValue.From(written.ToString(), hasData);
    }

    /// <summary>The shortest digits that give the number again, with an exponent from 1e16 on and below 1e-4; C# has other bounds, and writes <c>1E+16</c>.</summary>
    public static string Of(double value)
    {
        if (!double.IsFinite(value))
        {
            return double.IsNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
        }

        var text = value.ToString("R", CultureInfo.InvariantCulture);
        if (!text.Contains('E', StringComparison.Ordinal))
        {
            return Math.Abs(value) >= 1e16 ? value.ToString("0.################e+00", CultureInfo.InvariantCulture)
                : text.Contains('.', StringComparison.Ordinal) ? text
                : text + ".0";
        }

        return Math.Abs(value) is >= 1e15 and < 1e16
            ? value.ToString("F3", CultureInfo.InvariantCulture).TrimEnd('0') is var digits && digits.EndsWith('.') ? digits + "0" : digits
            : text.Replace('E', 'e');
    }

    private static void Write(TemplateValue value, StringBuilder output, ref bool hasData, RenderContext context)
    {
        context.Step();
        switch (value)
        {
            case StringValue text:
                hasData |= text.Data.Count > 0;
                context.CountCharacters(text.Text.Length);
                Quote(text.Text, output);
                break;
            case ListValue list:
                output.Append(list.IsTuple ? '(' : '[');
                for (var i = 0; i < list.Items.Count; i++)
                {
                    output.Append(i == 0 ? "" : ", ");
                    Write(list.Items[i], output, ref hasData, context);
                }

                output.Append(!list.IsTuple ? "]" : list.Items.Count == 1 ? ",)" : ")");
                break;
            case MapValue map:
                output.Append('{');
                for (var i = 0; i < map.Entries.Count; i++)
                {
                    output.Append(i == 0 ? "" : ", ");
                    Write(map.Entries[i].Key, output, ref hasData, context);
                    output.Append(": ");
                    Write(map.Entries[i].Value, output, ref hasData, context);
                }

                output.Append('}');
                break;
            default:
                output.Append(Scalar(value));
                break;
        }
    }

    private static string Scalar(TemplateValue value) => value switch
    {
        NoneValue => "None",
        BooleanValue { Value: var truth } => truth ? "True" : "False",
        IntegerValue { Value: var whole } => whole.ToString(CultureInfo.InvariantCulture),
        FloatValue number => number.Text ?? Of(number.Value),
        UndefinedValue => "",
        FunctionValue function => $"<function {function.Name}>",
        _ => $"<{value.TypeName}>",
    };

    private static void Quote(string text, StringBuilder output)
    {
        var quote = text.Contains('\'', StringComparison.Ordinal) && !text.Contains('"', StringComparison.Ordinal) ? '"' : '\'';
        output.Append(quote);
        foreach (var character in text)
        {
            _ = character switch
            {
                '\n' => output.Append("\\n"),
                '\r' => output.Append("\\r"),
                '\t' => output.Append("\\t"),
                '\\' => output.Append("\\\\"),
                _ when character == quote => output.Append('\\').Append(character),
                < ' ' or '\x7f' => output.Append(CultureInfo.InvariantCulture, $"\\x{(int)character:x2}"),
                _ => output.Append(character),
            };
        }

        output.Append(quote);
    }
}
