using System.Text;
using System.Text.RegularExpressions;

namespace AiFactory.ServiceDefaults.Guardrails;

/// <summary>A rule's regular expression, which no text can make slow; and, for texts that are still coming, one that finds what may yet become a match.</summary>
public sealed class RulePattern
{
    /// <summary>Characters of a match that is looked for in a stream: no more than this of an answer is ever held back.</summary>
    public const int LongestMatch = 800;

    private const int LargestSize = 1000;

    /// <summary>No character (https://www.unicode.org/faq/private_use.html#noncharacters): a text that has it has it replaced.</summary>
    public const char End = '\uFFFF';

    private const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;

    private readonly RenewedRegex _matches;
    private readonly RenewedRegex? _beginnings;

    private RulePattern(RenewedRegex matches, RenewedRegex? beginnings, int? longest) => (_matches, _beginnings, Longest) = (matches, beginnings, longest);

    /// <summary>For one search.</summary>
    public Regex Matches => _matches.Current;

    /// <summary>
    /// Finds, leftmost first, what reaches the end of a text that is still coming and may become a match by more text; at the very end, nothing. The text's end is marked by <see cref="End"/>,
    /// for asking where a text ends costs the search five times as many states. Null where the pattern is for whole texts alone.
    /// </summary>
    public Regex? Beginnings => _beginnings?.Current;

    /// <summary>Characters of the longest match; null where there is none.</summary>
    public int? Longest { get; }

    /// <param name="streams">Whether it is for texts that come in pieces as well.</param>
    /// <param name="patience">How long one search may take, whatever else goes wrong.</param>
    /// <param name="complaint">What is wrong with it and how it could be said; null when nothing is.</param>
    /// <param name="ours">Whether it was written with this code, and is known to be quick whatever its size.</param>
    public static RulePattern? Parse(string pattern, bool ignoreCase, bool streams, TimeSpan patience, out string? complaint, bool ours = false)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        complaint = null;
        var options = Options | (ignoreCase ? RegexOptions.IgnoreCase : RegexOptions.None);
        try
        {
            // 1. .NET's word on what it is, and that it can be searched for in time that grows with the text alone.
            var matches = new RenewedRegex(pattern, options, patience);

            // 2. What its matches are.
            var node = new PatternParser(pattern).Read(out var inline);
            complaint = ours ? null : Complaint(node, streams);
            if (complaint is not null)
            {
                return null;
            }

            // 3. What they begin with.
            return new RulePattern(matches, streams ? new RenewedRegex(Beginning(node, inline), options, patience) : null, node.Longest);
        }
        catch (NotSupportedException slow)
        {
            complaint = $"It cannot be searched for in a time that no text can stretch: {slow.Message}";
        }
        catch (Exception invalid) when (invalid is ArgumentException or FormatException)
        {
            complaint = invalid.Message;
        }

        return null;
    }

    private static string? Complaint(PatternNode node, bool streams) => node switch
    {
        { Shortest: 0 } => "It matches nothing at all, which is in every text: let it match at least one character.",
        { Size: > LargestSize } => $"Its repetitions unfold to {node.Size} characters, and each character of a text may cost as much: let them be at most {LargestSize} in all.",
        _ when !streams => null,
        { AsksForEnds: true } => "Where an answer's text ends is not known while it streams: leave out ^, $, \\A, \\z and \\Z, or let the rule apply to 'input' alone.",
        { Longest: null } => "A match has no longest length, and a stream would be held back for it: give +, * and {n,} an end, as {1,100}, or let the rule apply to 'input' alone.",
        { Longest: { } longest } when longest > LongestMatch => $"A match can have {longest} characters; in a stream at most {LongestMatch} are held back. Give its parts fewer, or let the rule apply to 'input' alone.",
        _ => null,
    };

    private static string Beginning(PatternNode node, string inline)
    {
        var text = new StringBuilder(inline.Length == 0 ? "" : $"(?{inline})").Append("(?:");
        node.WriteBeginnings(text);
        return text.Append(@")\uFFFF").ToString();
    }
}
