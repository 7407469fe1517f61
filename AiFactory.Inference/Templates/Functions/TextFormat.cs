using System.Globalization;
using AiFactory.Inference.Templates.Evaluation;
using AiFactory.Inference.Templates.Values;

namespace AiFactory.Inference.Templates.Functions;

/// <summary>Python's <c>'{} {1} {name} {{}}'.format(a, b, name=c)</c>, without conversions and widths.</summary>
internal static class TextFormat
{
    public static TemplateValue Format(StringValue format, CallArguments arguments)
    {
        var (text, output, next) = (format.Text, new TextBuilder(arguments.Context), 0);
        for (var i = 0; i < text.Length;)
        {
            var brace = text.AsSpan(i).IndexOfAny('{', '}') is var found && found >= 0 ? i + found : text.Length;
            output.Append(format.Slice(i, brace - i));
            if (brace == text.Length)
            {
                break;
            }

            if (brace + 1 < text.Length && text[brace + 1] == text[brace])
            {
                output.Append(format.Slice(brace, 1));
                i = brace + 2;
                continue;
            }

            var end = text[brace] == '{' ? text.IndexOf('}', brace) : -1;
            if (end < 0)
            {
                throw arguments.Fail("a brace stands alone");
            }

            output.Append(PythonText.Of(Find(text[(brace + 1)..end], arguments, ref next), arguments.Context));
            i = end + 1;
        }

        return output.ToValue();
    }

    private static TemplateValue Find(string field, CallArguments arguments, ref int next)
    {
        if (field.AsSpan().ContainsAny('!', ':', '.'))
        {
            throw arguments.Fail($"the field '{field}' is not supported");
        }

        var place = field.Length == 0 ? next++ : int.TryParse(field, NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : -1;
        return (place < 0 ? arguments.Named.GetValueOrDefault(field) : arguments.Positional.ElementAtOrDefault(place)) ?? throw arguments.Fail($"nothing is given for the field '{field}'");
    }
}
