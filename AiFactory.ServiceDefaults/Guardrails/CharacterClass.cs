using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;

namespace AiFactory.ServiceDefaults.Guardrails;

/// <summary>Which UTF-16 units one part of a pattern takes: what .NET says of each, asked once.</summary>
internal sealed class CharacterClass
{
    private const int Units = char.MaxValue + 1;

    /// <summary>Letters without regard to case, of which the words of all policies are made; there are no more of them than letters.</summary>
    private static readonly ConcurrentDictionary<char, CharacterClass> Letters = [];

    private static readonly string Everything = string.Create(Units, 0, static (all, _) =>
    {
        for (var i = 0; i < all.Length; i++)
        {
            all[i] = (char)i;
        }
    });

    private readonly ulong[] _units = new ulong[Units / 64];

    private CharacterClass(IEnumerable<char> units)
    {
        foreach (var unit in units)
        {
            _units[unit >> 6] |= 1UL << unit;
        }
    }

    /// <summary>What <c>\w</c> takes, and what .NET counts as part of a word beside: joiners.</summary>
    public static CharacterClass Words { get; } = new(Everything.Where(unit => unit is '\u200C' or '\u200D' || CharUnicodeInfo.GetUnicodeCategory(unit) is
        UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter
        or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.ConnectorPunctuation));

    public static CharacterClass Of(PatternNode.Character character)
    {
        var ignoresCase = character.Options.Contains('i');
        return character.Text switch
        {
            ['\\', var literal] when !char.IsAsciiLetterOrDigit(literal) => new CharacterClass([literal]),
            [not ('.' or '[') and var literal] when !ignoresCase => new CharacterClass([literal]),
            [not ('.' or '[') and var literal] => Letters.GetOrAdd(literal, static letter => Ask(Regex.Escape(letter.ToString()), RegexOptions.IgnoreCase)),
            var text => Ask(text, (ignoresCase ? RegexOptions.IgnoreCase : RegexOptions.None) | (character.Options.Contains('s') ? RegexOptions.Singleline : RegexOptions.None)),
        };
    }

    public static CharacterClass Union(IEnumerable<CharacterClass> classes)
    {
        var all = new CharacterClass([]);
        foreach (var one in classes)
        {
            for (var i = 0; i < all._units.Length; i++)
            {
                all._units[i] |= one._units[i];
            }
        }

        return all;
    }

    public bool Contains(char unit) => (_units[unit >> 6] & (1UL << unit)) != 0;

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
