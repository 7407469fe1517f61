namespace AiFactory.ServiceDefaults.Guardrails;

/// <summary>
/// The ways of one text through a pattern's graph, all at once, each with the place where it began. They are kept in the order of their beginnings, and of two that meet the one that began
/// first goes on: so the first that arrives is the leftmost match, and where the first of those under way began, all before is decided.
/// </summary>
internal sealed class PatternSearch
{
    /// <summary>Nodes that the searches of one text may pass: a second's work, and for long texts so many for each character. No pattern within its limits comes near in any text that was not made for it.</summary>
    private const long MostSteps = 100_000_000;
    private const int MostStepsOfCharacter = 200;

    /// <summary>Characters that are passed over while nothing is under way cost as much as one node.</summary>
    private const int CharactersOfStep = 8;

    [ThreadStatic]
    private static PatternSearch? _ofThread;

    private Way[] _ways = new Way[64];
    private Way[] _next = new Way[64];
    private int _count;
    private int _nextCount;
    private int[] _seen = [];
    private int _step;
    private int[] _open = [];
    private long _steps;

    /// <summary>One that no other code of this thread uses meanwhile.</summary>
    public static PatternSearch OfThread => _ofThread ??= new PatternSearch();

    /// <param name="steps">Spent in this text so far.</param>
    /// <exception cref="TimeoutException">It takes longer than any search should.</exception>
    public PatternMatch Find(PatternGraph graph, ReadOnlySpan<char> text, int from, bool isEnd, ref long steps)
    {
        Prepare(graph, steps);
        var match = Find(graph, text, from, isEnd);
        steps = _steps;
        return match;
    }

    private PatternMatch Find(PatternGraph graph, ReadOnlySpan<char> text, int from, bool isEnd)
    {
        var (start, end) = (-1, -1);
        var budget = Math.Max(MostSteps, (long)text.Length * MostStepsOfCharacter);
        for (var at = from; ; at++)
        {
            if (_count == 0)
            {
                // Nothing is under way: to where something can begin, or back with what was found.
                var before = at;
                while (start < 0 && at < text.Length && !graph.MatchesNothing && !graph.First.Contains(text[at]))
                {
                    at++;
                }

                _steps += (at - before) / CharactersOfStep;

                if (start >= 0)
                {
                    return new PatternMatch(start, end - start, text.Length);
                }
            }

            if (at >= text.Length && !isEnd)
            {
                // What stands behind decides.
                return new PatternMatch(-1, 0, start >= 0 && _count > 0 ? Math.Min(start, _ways[0].Start) : start >= 0 ? start : _count > 0 ? _ways[0].Start : text.Length);
            }

            Step(graph, text, at, ref start, ref end);
            if (_steps > budget)
            {
                throw new TimeoutException("A pattern takes longer in this text than any search should.");
            }

            if (at >= text.Length)
            {
                return start >= 0 ? new PatternMatch(start, end - start, text.Length) : new PatternMatch(-1, 0, text.Length);
            }
        }
    }

    /// <summary>All that are under way, by one character.</summary>
    private void Step(PatternGraph graph, ReadOnlySpan<char> text, int at, ref int start, ref int end)
    {
        _step++;
        _nextCount = 0;
        var conditions = graph.HasConditions ? Conditions(text, at) : PatternCondition.None;
        for (var i = 0; i < _count && (start < 0 || _ways[i].Start <= start); i++)
        {
            Follow(graph, _ways[i].Node, _ways[i].Start, conditions, text, at, ref start, ref end);
        }

        if (start < 0 && (graph.MatchesNothing || (at < text.Length && graph.First.Contains(text[at]))))
        {
            Follow(graph, graph.Start, at, conditions, text, at, ref start, ref end);
        }

        (_ways, _next) = (_next, _ways);
        _count = _nextCount;
    }

    private void Follow(PatternGraph graph, int node, int began, PatternCondition conditions, ReadOnlySpan<char> text, int at, ref int start, ref int end)
    {
        var open = 0;
        _open[open++] = node;
        while (open > 0)
        {
            node = _open[--open];
            if (_seen[node] == _step)
            {
                continue;
            }

            _seen[node] = _step;
            _steps++;
            if (node == PatternGraph.End)
            {
                // What began before is better, and of the same beginning what is longer: it is asked for as long as it goes on.
                (start, end) = (began, at);
                continue;
            }

            ref readonly var one = ref graph.Nodes[node];
            if (one.Units is { } units)
            {
                if (at < text.Length && units.Contains(text[at]))
                {
                    AddNext(new Way(one.Next, began));
                }

                continue;
            }

            if ((one.Condition & ~conditions) != 0)
            {
                continue;
            }

            if (one.Other >= 0)
            {
                _open[open++] = one.Other;
            }

            _open[open++] = one.Next;
        }
    }

    private static PatternCondition Conditions(ReadOnlySpan<char> text, int at)
    {
        var edge = (at > 0 && CharacterClass.Words.Contains(text[at - 1])) != (at < text.Length && CharacterClass.Words.Contains(text[at]));
        var met = edge ? PatternCondition.WordEdge : PatternCondition.NoWordEdge;
        met |= at == 0 ? PatternCondition.TextStart | PatternCondition.LineStart : text[at - 1] == '\n' ? PatternCondition.LineStart : PatternCondition.None;
        return met | (at == text.Length ? PatternCondition.TextEnd | PatternCondition.LastLineEnd | PatternCondition.LineEnd
            : text[at] != '\n' ? PatternCondition.None
            : at == text.Length - 1 ? PatternCondition.LastLineEnd | PatternCondition.LineEnd
            : PatternCondition.LineEnd);
    }

    private void Prepare(PatternGraph graph, long steps)
    {
        (_count, _steps) = (0, steps);
        if (_seen.Length < graph.Nodes.Length)
        {
            _seen = new int[graph.Nodes.Length];
            _open = new int[(graph.Nodes.Length * 2) + 1];
            _step = 0;
        }

        if (_step > int.MaxValue / 2)
        {
            Array.Clear(_seen);
            _step = 0;
        }
    }

    private void AddNext(Way way)
    {
        if (_nextCount == _next.Length)
        {
            Array.Resize(ref _next, _next.Length * 2);
        }

        _next[_nextCount++] = way;
    }

    private readonly record struct Way(int Node, int Start);
}
