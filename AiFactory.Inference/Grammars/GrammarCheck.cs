namespace AiFactory.Inference.Grammars;

/// <summary>Finds in a grammar that was read what a matcher could not follow. Without recursion: a grammar may nest its rules as deep as it likes.</summary>
internal sealed class GrammarCheck
{
    /// <summary>A repetition of what may be empty is followed once for each count.</summary>
    private const int MostEmptyRepetitions = 64;

    private readonly GbnfParser _grammar;
    private readonly bool[] _isNullable;
    private readonly bool[] _isPossible;

    /// <exception cref="GrammarException"/>
    public GrammarCheck(GbnfParser grammar)
    {
        _grammar = grammar;
        foreach (var rule in grammar.Rules.Where(rule => !rule.IsDefined))
        {
            throw grammar.FaultAt(rule.Offset, $"the rule '{rule.Name}' is used and never defined");
        }

        _isNullable = new bool[grammar.Rules.Count];
        _isPossible = new bool[grammar.Rules.Count];
        Grow(_isNullable, element => element.Kind == GrammarElementKind.Repeat && element.Least == 0, _ => false);
        Grow(_isPossible, element => element.Kind == GrammarElementKind.Repeat && element.Least == 0, element => !grammar.Classes[element.Value].IsEmpty);
        RefuseEmptyRepetitions();
        RefuseLeftRecursion();
        if (!_isPossible[grammar.Root])
        {
            throw grammar.FaultAt(grammar.Rules[grammar.Root].Offset, "no text, however long, meets the rule 'root'");
        }
    }

    public bool IsPossible(List<GrammarElement> alternative) => alternative.TrueForAll(element => element.Kind switch
    {
        GrammarElementKind.Class => !_grammar.Classes[element.Value].IsEmpty,
        GrammarElementKind.Rule => _isPossible[element.Value],
        _ => element.Least == 0 || _isPossible[element.Value],
    });

    private bool IsNullable(GrammarElement element) => element.Kind switch
    {
        GrammarElementKind.Class => false,
        GrammarElementKind.Rule => _isNullable[element.Value],
        _ => element.Least == 0 || _isNullable[element.Value],
    };

    /// <summary>
    /// Marks every rule with an alternative whose elements all have the property, by themselves or by the rule that they use. Each element is looked at once, and counted off when its rule is marked: a grammar of many
    /// references takes no longer than its length.
    /// </summary>
    private void Grow(bool[] has, Func<GrammarElement, bool> always, Func<GrammarElement, bool> ofClass)
    {
        var users = new List<int>[has.Length];
        var (owners, missing, marked) = (new List<int>(), new List<int>(), new Queue<int>());
        for (var rule = 0; rule < has.Length; rule++)
        {
            foreach (var alternative in _grammar.Rules[rule].Alternatives)
            {
                if (!alternative.TrueForAll(element => element.Kind != GrammarElementKind.Class || ofClass(element)))
                {
                    continue;
                }

                var open = 0;
                foreach (var element in alternative.Where(element => element.Kind != GrammarElementKind.Class && !always(element)))
                {
                    (users[element.Value] ??= []).Add(owners.Count);
                    open++;
                }

                owners.Add(rule);
                missing.Add(open);
                if (open == 0)
                {
                    marked.Enqueue(rule);
                }
            }
        }

        while (marked.TryDequeue(out var rule))
        {
            if (has[rule])
            {
                continue;
            }

            has[rule] = true;
            foreach (var alternative in users[rule] ?? [])
            {
                if (--missing[alternative] == 0)
                {
                    marked.Enqueue(owners[alternative]);
                }
            }
        }
    }

    private void RefuseEmptyRepetitions()
    {
        foreach (var rule in _grammar.Rules)
        {
            if (rule.Alternatives.SelectMany(alternative => alternative).Any(element =>
                element.Kind == GrammarElementKind.Repeat && _isNullable[element.Value]
                && (element.Least > MostEmptyRepetitions || element.Most is > MostEmptyRepetitions and < GrammarElement.Unbounded)))
            {
                throw _grammar.FaultAt(rule.Offset, $"the rule '{rule.Name}' repeats what may be empty more than {MostEmptyRepetitions} times");
            }
        }
    }

    /// <summary>A rule that begins with itself, and has something behind that, would be entered again and again before the first character.</summary>
    private void RefuseLeftRecursion()
    {
        var edges = new List<(int Rule, bool IsLast)>[_grammar.Rules.Count];
        for (var rule = 0; rule < edges.Length; rule++)
        {
            edges[rule] = [.. _grammar.Rules[rule].Alternatives.SelectMany(Beginnings)];
        }

        var component = Components(edges);
        for (var rule = 0; rule < edges.Length; rule++)
        {
            if (edges[rule].Exists(edge => !edge.IsLast && component[edge.Rule] == component[rule]))
            {
                throw _grammar.FaultAt(_grammar.Rules[rule].Offset, $"the rule '{_grammar.Rules[rule].Name}' begins with itself (left recursion): write a repetition, x*");
            }
        }
    }

    /// <summary>The rules that an alternative may begin with, and whether nothing comes behind them.</summary>
    private IEnumerable<(int Rule, bool IsLast)> Beginnings(List<GrammarElement> alternative)
    {
        for (var i = 0; i < alternative.Count; i++)
        {
            var element = alternative[i];
            if (element.Kind == GrammarElementKind.Class)
            {
                yield break;
            }

            yield return (element.Value, i == alternative.Count - 1 && (element.Kind == GrammarElementKind.Rule || element.Most == 1));
            if (!IsNullable(element))
            {
                yield break;
            }
        }
    }

    /// <summary>Tarjan's strongly connected components: the same number for rules that can begin with each other.</summary>
    private static int[] Components(List<(int Rule, bool IsLast)>[] edges)
    {
        var (index, low, component) = (new int[edges.Length], new int[edges.Length], new int[edges.Length]);
        var (open, path) = (new Stack<int>(), new Stack<(int Rule, int Edge)>());
        var count = 0;
        for (var start = 0; start < edges.Length; start++)
        {
            if (index[start] == 0)
            {
                path.Push((start, 0));
            }

            while (path.TryPop(out var at))
            {
                var (rule, edge) = at;
                if (edge == 0)
                {
                    index[rule] = low[rule] = ++count;
                    open.Push(rule);
                }
                else
                {
                    low[rule] = Math.Min(low[rule], low[edges[rule][edge - 1].Rule]);
                }

                for (; edge < edges[rule].Count; edge++)
                {
                    var next = edges[rule][edge].Rule;
                    if (index[next] == 0)
                    {
                        path.Push((rule, edge + 1));
                        path.Push((next, 0));
                        break;
                    }

                    if (component[next] == 0)
                    {
                        low[rule] = Math.Min(low[rule], low[next]);
                    }
                }

                if (edge >= edges[rule].Count && low[rule] == index[rule])
                {
                    while (component[rule] == 0)
                    {
                        component[open.Peek()] = rule + 1;
                        open.Pop();
                    }
                }
            }
        }

        return component;
    }
}
