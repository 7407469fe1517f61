using System.Text.RegularExpressions;

namespace AiFactory.ServiceDefaults.Guardrails;

/// <summary>
/// A rule's regular expression: .NET's syntax, as far as its NonBacktracking mode takes it, and a search of our own, which no text can make slow and which tells of a text that is still coming
/// what more of it may change. A match is the leftmost and the longest.
/// </summary>
public sealed class RulePattern
{
    /// <summary>Characters of a match that is looked for in a stream: no more than this of an answer is ever held back.</summary>
    public const int LongestMatch = 800;

    private const int LargestSize = 1000;

    /// <summary>Different ones, of up to 8.5 KiB each. What all patterns of a policy take is bounded by <see cref="PatternBudget"/>.</summary>
    internal const int MostClasses = 100;

    private readonly PatternGraph _graph;

    private RulePattern(PatternGraph graph, int? longest) => (_graph, Longest) = (graph, longest);

    /// <summary>Characters of the longest match; null where there is none.</summary>
    public int? Longest { get; }

    /// <param name="streams">Whether it is for texts that come in pieces as well.</param>
    /// <param name="complaint">What is wrong with it and how it could be said; null when nothing is.</param>
    /// <param name="ours">Whether it was written with this code, and may be larger.</param>
    /// <param name="budget">That it shares with others; null where it stands alone.</param>
    public static RulePattern? Parse(string pattern, bool ignoreCase, bool streams, out string? complaint, bool ours = false, PatternBudget? budget = null)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        return Parse(pattern, ignoreCase, ofSchema: false, node => Complaint(node, streams, ours), budget, out complaint);
    }

    /// <summary>For a JSON schema, which asks with <see cref="IsIn"/>: it may match nothing at all, and its <c>$</c> is the text's own end, with no line's end behind it.</summary>
    internal static RulePattern? ParseOfSchema(string pattern, PatternBudget budget, out string? complaint) =>
        Parse(pattern, ignoreCase: false, ofSchema: true, node => node.Shortest == 0 ? TooLarge(node) : Complaint(node, streams: false, ours: false), budget, out complaint);

    /// <summary>Whether a text has a match, be it of no characters.</summary>
    /// <param name="steps">See <see cref="Find"/>.</param>
    /// <exception cref="TimeoutException">It takes longer than any search should.</exception>
    internal bool IsIn(ReadOnlySpan<char> text, ref long steps) => PatternSearch.OfThread.Find(_graph, text, 0, isEnd: true, ref steps).Start >= 0;

    private static RulePattern? Parse(string pattern, bool ignoreCase, bool ofSchema, Func<PatternNode, string?> complain, PatternBudget? budget, out string? complaint)
    {
        try
        {
            // .NET's word on what it is, and that it needs no trying one way after the other. Nothing is searched with it.
            _ = new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            var node = new PatternParser(pattern, ofSchema).Read(ignoreCase);
            complaint = complain(node) ?? (budget?.HasRoomFor(node) == false ? PatternBudget.Full : null);
            if (complaint is null)
            {
                var graph = new PatternGraph(node);
                complaint = budget?.Take(graph) == false ? PatternBudget.Full : null;
                return complaint is null ? new RulePattern(graph, node.Longest) : null;
            }
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

    /// <summary>The leftmost match that begins at or behind a place; of a text that is still coming, if no more of it can change that.</summary>
    /// <param name="steps">What was spent in this text before, and is spent now: a search for the next match may look to the text's end each time.</param>
    /// <exception cref="TimeoutException">It takes longer than any search should.</exception>
    public PatternMatch Find(ReadOnlySpan<char> text, int from, bool isEnd, ref long steps) => PatternSearch.OfThread.Find(_graph, text, from, isEnd, ref steps);

    /// <summary>What its classes take in memory, those that other patterns have too included.</summary>
    internal int Bytes => _graph.Nodes.Select(node => node.Units).Append(_graph.First).OfType<CharacterClass>().Distinct().Sum(units => units.Bytes);

    private static string? Complaint(PatternNode node, bool streams, bool ours) => node switch
    {
        { Shortest: 0 } => "It matches nothing at all, which is in every text: let it match at least one character.",
        _ when !ours && TooLarge(node) is { } large => large,
        _ when !streams => null,
        { AsksForEnds: true } => "Where an answer's text ends is not known while it streams: leave out ^, $, \\A, \\z and \\Z, or let the rule apply to 'input' alone.",
        { Longest: null } => "A match has no longest length, and a stream would be held back for it: give +, * and {n,} an end, as {1,100}, or let the rule apply to 'input' alone.",
        { Longest: { } longest } when longest > LongestMatch && !ours => $"A match can have {longest} characters; in a stream at most {LongestMatch} are held back. Give its parts fewer, or let the rule apply to 'input' alone.",
        _ => null,
    };

    private static string? TooLarge(PatternNode node) => node switch
    {
        { Size: > LargestSize } => $"Its repetitions unfold to {node.Size} parts, and each character of a text may cost as much: let them be at most {LargestSize} in all.",
        _ when node.Classes.Distinct().Count() is > MostClasses and var classes => $"It has {classes} different classes of characters, and may have {MostClasses}: spread it over several rules.",
        _ => null,
    };
}
