using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace AiFactory.ServiceDefaults.Guardrails;

/// <summary>
/// Which UTF-16 units one part of a pattern takes: what .NET says of each, asked once. They lie in pages of 256 units, and equal pages once, so that a letter takes some 300 bytes and the largest class 8.5 KiB.
/// </summary>
internal sealed class CharacterClass
{
    private const int Units = char.MaxValue + 1;
    private const int Pages = Units / UnitsOfPage;
    private const int UnitsOfPage = 256;
    private const int WordsOfPage = UnitsOfPage / 64;

    private static readonly string Everything = string.Create(Units, 0, static (all, _) =>
    {
        for (var i = 0; i < all.Length; i++)
        {
            all[i] = (char)i;
        }
    });

    /// <summary>Of each page of units, which of those in <see cref="_units"/> it is.</summary>
    private readonly byte[] _pages = new byte[Pages];

    private readonly ulong[] _units;

    private CharacterClass(IEnumerable<char> units)
    {
        var all = new ulong[Units / 64];
        foreach (var unit in units)
        {
            all[unit >> 6] |= 1UL << unit;
        }

        _units = Fold(all, _pages);
    }

    private CharacterClass(ulong[] all) => _units = Fold(all, _pages);

    /// <summary>What <c>\w</c> takes, and what .NET counts as part of a word beside: joiners.</summary>
    public static CharacterClass Words { get; } = new(Everything.Where(unit => unit is '\u200C' or '\u200D' || CharUnicodeInfo.GetUnicodeCategory(unit) is
        UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter
        or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.ConnectorPunctuation));

    /// <summary>In memory.</summary>
    public int Bytes => _pages.Length + (_units.Length * sizeof(ulong));

    /// <summary>One of its own; <see cref="CharacterClasses"/> has those that are shared.</summary>
    public static CharacterClass Of(PatternNode.Character character)
    {
        var ignoresCase = character.Options.Contains('i');
        return character.Text switch
        {
            ['\\', var literal] when !char.IsAsciiLetterOrDigit(literal) => new CharacterClass([literal]),
            [not ('.' or '[') and var literal] when !ignoresCase => new CharacterClass([literal]),
            [not ('.' or '[') and var literal] => Ask(Regex.Escape(literal.ToString()), RegexOptions.IgnoreCase),
            var text => Ask(text, (ignoresCase ? RegexOptions.IgnoreCase : RegexOptions.None) | (character.Options.Contains('s') ? RegexOptions.Singleline : RegexOptions.None)),
        };
    }

    public static CharacterClass Union(IEnumerable<CharacterClass> classes)
    {
        var all = new ulong[Units / 64];
        foreach (var one in classes)
        {
            for (var i = 0; i < all.Length; i++)
            {
                all[i] |= one._units[(one._pages[i / WordsOfPage] * WordsOfPage) + (i % WordsOfPage)];
            }
        }

        return new CharacterClass(all);
    }

    public bool Contains(char unit) => (_units[(_pages[unit >> 8] * WordsOfPage) + ((unit >> 6) & (WordsOfPage - 1))] & (1UL << unit)) != 0;

    private static ulong[] Fold(ReadOnlySpan<ulong> all, Span<byte> pages)
    {
        var folded = new List<ulong>(WordsOfPage * 2);
        for (var i = 0; i < pages.Length; i++)
        {
            var page = all.Slice(i * WordsOfPage, WordsOfPage);
            var kept = CollectionsMarshal.AsSpan(folded);
            var at = 0;
            while (at < kept.Length && !kept.Slice(at, WordsOfPage).SequenceEqual(page))
            {
                at += WordsOfPage;
            }

            if (at == kept.Length)
            {
                folded.AddRange(page);
            }

            pages[i] = (byte)(at / WordsOfPage);
        }

        return [.. folded];
    }

    private static CharacterClass Ask(string pattern, RegexOptions options)
    {
        var taken = new List<char>();
        foreach (var match in new Regex(pattern, options | RegexOptions.CultureInvariant).EnumerateMatches(Everything))
        {
            taken.Add((char)match.Index);
        }

        return new CharacterClass(taken);
    }
}
