using System.Buffers;

namespace AiFactory.Gateway.Guardrails.Texts;

/// <summary>
/// A text as its reader gets it: without signs that show nothing (a zero-width space between the digits of a number), and with letters, digits and spaces that look like those of ASCII as these
/// (<c>４１１１</c>). Signs of the plane of tags, by which a text can be hidden from people and not from models, become what they stand for.
/// </summary>
internal static class TextFold
{
    private const char Nothing = '\0';
    private const int FirstTag = 0xE0020;
    private const int LastTag = 0xE007E;
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// <summary>What each sign beyond ASCII that is another becomes; <see cref="Nothing"/> for those that go.</summary>
    private static readonly Dictionary<char, char> Signs = Table();

    /// <summary>Those, and the first halves of letters of mathematics, and of tags.</summary>
    private static readonly SearchValues<char> Marked = SearchValues.Create([.. Signs.Keys, '\uD835', '\uDB40']);

    public static bool Changes(ReadOnlySpan<char> text) => text.ContainsAny(Marked);

    /// <param name="to">Gets at most as many signs as the text has.</param>
    /// <param name="places">Gets of each where it stood.</param>
    /// <param name="at">Where the text stands itself.</param>
    /// <returns>How many there are.</returns>
    public static int Fold(ReadOnlySpan<char> text, Span<char> to, Span<int> places, int at)
    {
        var (length, wasTag) = (0, false);
        for (var i = 0; i < text.Length; i++)
        {
            var sign = text[i];
            var place = at + i;
            var isTag = false;
            if (sign >= 0x80 && Signs.TryGetValue(sign, out var other))
            {
                sign = other;
            }
            else if (sign is '\uD835' or '\uDB40' && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                var point = char.ConvertToUtf32(sign, text[i + 1]);
                if (OfPair(point) is { } found)
                {
                    (sign, i, isTag) = (found, i + 1, point is >= FirstTag and <= LastTag);
                }

                if (isTag && !wasTag)
                {
                    // What is hidden begins a word of its own; of two units, there is room.
                    (to[length], places[length++]) = (' ', place);
                }
            }

            wasTag = isTag;

            if (sign != Nothing)
            {
                (to[length], places[length++]) = (sign, place);
            }
        }

        return length;
    }

    /// <summary>https://www.unicode.org/charts/PDF/U1D400.pdf: alphabets of 52 letters, one behind the other, then digits; https://www.unicode.org/charts/PDF/UE0000.pdf: tags.</summary>
    private static char? OfPair(int point) => point switch
    {
        >= 0x1D400 and <= 0x1D6A3 => Letters[(point - 0x1D400) % Letters.Length],
        >= 0x1D7CE and <= 0x1D7FF => (char)('0' + ((point - 0x1D7CE) % 10)),
        >= FirstTag and <= LastTag => (char)(point - 0xE0000),
        >= 0xE0000 and <= 0xE0FFF => Nothing,
        _ => null,
    };

    private static Dictionary<char, char> Table()
    {
        var signs = new Dictionary<char, char>();

        // 1. What shows nothing, or stands on other signs: format characters, selectors of variants, fillers, lines and accents, and what stands for bytes that were no text.
        for (var sign = '\u0080'; sign < char.MaxValue; sign++)
        {
            if (char.GetUnicodeCategory(sign) == System.Globalization.UnicodeCategory.Format || sign is '\u115F' or '\u1160' or '\u3164' or '\uFFA0' or '\uFFFD' or (>= '\u180B' and <= '\u180F') or (>= '\uFE00' and <= '\uFE0F') or (>= '\u0300' and <= '\u036F') or (>= '\u20D0' and <= '\u20F0'))
            {
                signs[sign] = Nothing;
            }
        }

        // 2. Spaces.
        foreach (var space in "\u00A0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200A\u202F\u205F\u3000")
        {
            signs[space] = ' ';
        }

        // 3. Letters and digits: wide ones, and those in circles.
        Range('\uFF01', '\uFF5E', '!');
        Range('\u24B6', '\u24CF', 'A');
        Range('\u24D0', '\u24E9', 'a');
        Range('\u2460', '\u2468', '1');
        Range('\u2070', '\u2070', '0');
        Range('\u2074', '\u2079', '4');
        Range('\u2080', '\u2089', '0');
        signs['\u24EA'] = '0';
        signs['\u00B9'] = '1';
        signs['\u00B2'] = '2';
        signs['\u00B3'] = '3';
        foreach (var hyphen in "\u2010\u2011\u2012\u2013\u2212")
        {
            signs[hyphen] = '-';
        }

        return signs;

        void Range(char from, char to, char first)
        {
            for (var sign = from; sign <= to; sign++)
            {
                signs[sign] = (char)(first + (sign - from));
            }
        }
    }
}
