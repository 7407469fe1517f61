using System.Text;

namespace AiFactory.Builder.Knowledge.Parsing;

/// <summary>
/// Refuses pages that are nested as no page is: the time of an HTML parser grows with the square of the depth (90,000 open elements took it three minutes).
/// The bytes are looked at before they are parsed: elements that are opened and not closed are counted, but for those that end by themselves.
/// </summary>
internal static class HtmlDepth
{
    private const int Most = 5000;
    private const int LongestName = 16;

    private static readonly HashSet<string> EndingByThemselves = new(StringComparer.OrdinalIgnoreCase)
    {
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
        "p", "li", "td", "th", "tr", "dd", "dt", "option", "optgroup", "tbody", "thead", "tfoot", "colgroup", "caption", "rb", "rt", "rtc", "rp", "html", "head", "body",
    };

    /// <exception cref="DocumentException">The page is nested too deeply.</exception>
    internal static void Refuse(ReadOnlySpan<byte> page)
    {
        var depth = 0;
        var at = 0;
        while (page[at..].IndexOf((byte)'<') is >= 0 and var found)
        {
            at += found + 1;
            var closes = at < page.Length && page[at] == '/';
            var name = Name(page[(closes ? at + 1 : at)..]);
            if (name.Length == 0 || EndingByThemselves.Contains(name))
            {
                continue;
            }

            depth = Math.Max(0, depth + (closes ? -1 : 1));
            if (depth > Most)
            {
                throw new DocumentException($"The page is nested too deeply: it opens more than {Most} elements that it does not close.");
            }

            // Programs have a < of their own.
            if (!closes && name is "script" or "style")
            {
                at = Math.Max(at, page.Length - Rest(page[at..], name).Length);
            }
        }
    }

    private static string Name(ReadOnlySpan<byte> text)
    {
        var length = 0;
        while (length < Math.Min(text.Length, LongestName) && char.IsAsciiLetterOrDigit((char)text[length]))
        {
            length++;
        }

        return length > 0 && char.IsAsciiLetter((char)text[0]) ? Encoding.ASCII.GetString(text[..length]).ToLowerInvariant() : "";
    }

    /// <summary>From the closing tag on.</summary>
    private static ReadOnlySpan<byte> Rest(ReadOnlySpan<byte> text, string name)
    {
        while (text.IndexOf("</"u8) is >= 0 and var found)
        {
            text = text[found..];
            if (Name(text[2..]) == name)
            {
                return text;
            }

            text = text[2..];
        }

        return [];
    }
}
