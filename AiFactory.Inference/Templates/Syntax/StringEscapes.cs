using System.Globalization;
using System.Text;

namespace AiFactory.Inference.Templates.Syntax;

/// <summary>Python's escapes in a string: <c>\n \t \\ \' \" \x41 \u00e9 \U0001F999</c> and the rarer ones; what is no escape stays as it is.</summary>
internal static class StringEscapes
{
    public static string Read(ReadOnlySpan<char> text)
    {
        if (!text.Contains('\\'))
        {
            return text.ToString();
        }

        var output = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length;)
        {
            if (text[i] != '\\' || i + 1 >= text.Length)
            {
                output.Append(text[i++]);
                continue;
            }

            i += ReadEscape(text[i..], output);
        }

        return output.ToString();
    }

    /// <returns>Characters that the escape has.</returns>
    private static int ReadEscape(ReadOnlySpan<char> text, StringBuilder output)
    {
        var plain = text[1] switch
        {
            'n' => "\n",
            't' => "\t",
            'r' => "\r",
            'b' => "\b",
            'f' => "\f",
            'v' => "\v",
            'a' => "\a",
            '\\' => "\\",
            '\'' => "'",
            '"' => "\"",
            '\n' => "",
            _ => null,
        };
        if (plain is not null)
        {
            output.Append(plain);
            return 2;
        }

        var digits = text[1] switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
        if (digits > 0 && text.Length >= 2 + digits && int.TryParse(text.Slice(2, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
        {
            _ = Rune.IsValid(code) ? output.Append(new Rune(code).ToString()) : output.Append(code <= char.MaxValue ? ((char)code).ToString() : text[..(2 + digits)]);
            return 2 + digits;
        }

        output.Append(text[..2]);
        return 2;
    }
}
