using System.Globalization;
using System.Text;
using AiFactory.Inference.Templates.Evaluation;

namespace AiFactory.Inference.Templates.Functions;

/// <summary>C's <c>strftime</c>, for <c>strftime_now('%d %b %Y')</c>: 21 Nov 2026.</summary>
internal static class TimeText
{
    private static readonly Dictionary<char, string> Formats = new Dictionary<char, string>
    {
        ['Y'] = "yyyy",
        ['y'] = "yy",
        ['m'] = "MM",
        ['d'] = "dd",
        ['B'] = "MMMM",
        ['b'] = "MMM",
        ['A'] = "dddd",
        ['a'] = "ddd",
        ['H'] = "HH",
        ['I'] = "hh",
        ['M'] = "mm",
        ['S'] = "ss",
        ['p'] = "tt",
        ['F'] = "yyyy-MM-dd",
        ['T'] = "HH:mm:ss",
    };

    public static string Format(string format, CallArguments arguments)
    {
        // The longest that two characters give are nine: Wednesday, September.
        arguments.Context.CountCharacters(5L * format.Length);
        var now = arguments.Context.Now;
        var output = new StringBuilder();
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 >= format.Length)
            {
                output.Append(format[i]);
                continue;
            }

            // %-d is a day without its leading zero.
            var isShort = format[i + 1] == '-' && i + 2 < format.Length;
            var letter = format[i += isShort ? 2 : 1];
            var text = Formats.TryGetValue(letter, out var known) ? now.ToString(known, CultureInfo.InvariantCulture)
                : letter == 'j' ? now.DayOfYear.ToString("D3", CultureInfo.InvariantCulture)
                : letter == '%' ? "%"
                : throw arguments.Fail($"the format '%{letter}' is not supported");
            output.Append(isShort && text.Length > 1 ? text.TrimStart('0') is { Length: > 0 } trimmed ? trimmed : "0" : text);
        }

        return output.ToString();
    }
}
