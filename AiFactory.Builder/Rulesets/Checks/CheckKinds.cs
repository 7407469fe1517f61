using System.Collections.Frozen;
using System.Globalization;
using System.Text.RegularExpressions;
using AiFactory.Contracts.Builder.Agents;

namespace AiFactory.Builder.Rulesets.Checks;

/// <summary>The kinds of checks, each a line of one table.</summary>
internal static class CheckKinds
{
    internal const int MostCharacters = 1_000_000;

    /// <summary>For one expression and one answer. They run in time linear to the answer; this is for answers without end.</summary>
    private static readonly TimeSpan MatchTimeout = TimeSpan.FromSeconds(1);

    internal static FrozenDictionary<string, CheckKind> All { get; } = new Dictionary<string, CheckKind>
    {
        [RulesetCheckKinds.ForbiddenWords] = new(WordsComplaint, (words, text) => !Words(words).Any(word => HasWord(text, word)), words => $"have none of the words: {words}"),
        [RulesetCheckKinds.ForbiddenPattern] = new(PatternComplaint, (pattern, text) => !Pattern(pattern).IsMatch(text), pattern => $"have nothing that matches {pattern}"),
        [RulesetCheckKinds.RequiredPattern] = new(PatternComplaint, (pattern, text) => Pattern(pattern).IsMatch(text), pattern => $"have something that matches {pattern}"),
        [RulesetCheckKinds.MaximumCharacters] = new(NumberComplaint, (most, text) => text.EnumerateRunes().Count() <= Number(most), most => $"have at most {most} characters"),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static string[] Words(string words) => words.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static string? WordsComplaint(string words) => Words(words).Length > 0 ? null : "name the words, with commas between them";

    /// <summary>Whole words: <c>art</c> is not in <c>party</c>, but <c>C++</c> is in <c>C++20</c>, for it ends with no letter.</summary>
    private static bool HasWord(string text, string word)
    {
        for (var at = 0; (at = text.IndexOf(word, at, StringComparison.OrdinalIgnoreCase)) >= 0; at++)
        {
            var end = at + word.Length;
            if (!(at > 0 && char.IsLetterOrDigit(word[0]) && char.IsLetterOrDigit(text[at - 1]))
                && !(end < text.Length && char.IsLetterOrDigit(word[^1]) && char.IsLetterOrDigit(text[end])))
            {
                return true;
            }
        }

        return false;
    }

    private static Regex Pattern(string pattern) => new(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, MatchTimeout);

    private static string? PatternComplaint(string pattern)
    {
        try
        {
            _ = Pattern(pattern);
            return null;
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException)
        {
            return $"this is no regular expression that can be used: {error.Message}";
        }
    }

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= MostCharacters ? number : null;

    private static string? NumberComplaint(string text) => Number(text) is null ? $"use a number from 1 to {MostCharacters}" : null;
}
