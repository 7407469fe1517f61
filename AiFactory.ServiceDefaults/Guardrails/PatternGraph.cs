using System.Runtime.InteropServices;

namespace AiFactory.ServiceDefaults.Guardrails;

/// <summary>
/// A pattern as a graph in which a text finds its way (K. Thompson, "Regular Expression Search Algorithm", 1968): its repetitions are written out, so that it has as many nodes as the pattern
/// unfolds to, and each character of a text passes each node once at most.
/// </summary>
internal sealed class PatternGraph
{
    /// <summary>Where a match has ended.</summary>
    public const int End = 0;

    /// <summary>In memory.</summary>
    public const int BytesOfNode = 24;

    /// <summary>While it is made.</summary>
    private readonly List<Node> _nodes = [default];
    private readonly Dictionary<(string, string), CharacterClass> _classes = [];

    public PatternGraph(PatternNode pattern)
    {
        Start = Add(pattern, End);
        Nodes = [.. _nodes];
        (_nodes, _classes) = ([], []);
        CharacterClass[] firsts = [.. Firsts().Distinct()];
        First = firsts.Length == 1 ? firsts[0] : CharacterClass.Union(firsts);
        MatchesNothing = pattern.Shortest == 0;
        HasConditions = Array.Exists(Nodes, node => node.Condition != PatternCondition.None);
    }

    public int Start { get; }

    public Node[] Nodes { get; }

    /// <summary>Whether anything is asked of places.</summary>
    public bool HasConditions { get; }

    /// <summary>Whether a match can have no characters, and so begin where none is: only schemas ask for such.</summary>
    public bool MatchesNothing { get; }

    /// <summary>What a match can begin with.</summary>
    public CharacterClass First { get; }

    /// <returns>The node that leads through the pattern to <paramref name="next"/>.</returns>
    private int Add(PatternNode pattern, int next)
    {
        switch (pattern)
        {
            case PatternNode.Character character:
                ref var units = ref CollectionsMarshal.GetValueRefOrAddDefault(_classes, (character.Text, character.Options), out _);
                return Add(new Node(units ??= CharacterClasses.Of(character), PatternCondition.None, next, -1));
            case PatternNode.Condition condition:
                return Add(new Node(null, condition.Kind, next, -1));
            case PatternNode.Sequence sequence:
                return sequence.Parts.Reverse().Aggregate(next, (behind, part) => Add(part, behind));
            case PatternNode.Choice choice:
                return choice.Ways.Select(way => Add(way, next)).Aggregate((one, other) => Add(new Node(null, PatternCondition.None, one, other)));
            case PatternNode.Repeat repeat:
                return AddRepeat(repeat, next);
            default:
                throw new InvalidOperationException($"{pattern.GetType().Name} is no part of a pattern.");
        }
    }

    private int AddRepeat(PatternNode.Repeat repeat, int next)
    {
        var at = next;
        if (repeat.Most is not { } most)
        {
            // Once more, or on.
            at = Add(new Node(null, PatternCondition.None, next, -1));
            var once = Add(repeat.Inner, at);
            _nodes[at] = new Node(null, PatternCondition.None, next, once);
        }

        for (var i = repeat.Least; i < (repeat.Most ?? 0); i++)
        {
            at = Add(new Node(null, PatternCondition.None, Add(repeat.Inner, at), next));
        }

        for (var i = 0; i < repeat.Least; i++)
        {
            at = Add(repeat.Inner, at);
        }

        return at;
    }

    private int Add(Node node)
    {
        _nodes.Add(node);
        return _nodes.Count - 1;
    }

    private IEnumerable<CharacterClass> Firsts()
    {
        var (seen, open) = (new HashSet<int>(), new Stack<int>([Start]));
        while (open.TryPop(out var at))
        {
            if (at == End || !seen.Add(at))
            {
                continue;
            }

            if (Nodes[at].Units is { } units)
            {
                yield return units;
                continue;
            }

            open.Push(Nodes[at].Next);
            if (Nodes[at].Other >= 0)
            {
                open.Push(Nodes[at].Other);
            }
        }
    }

    /// <param name="Units">What it takes of the text; null where it takes nothing.</param>
    /// <param name="Condition">What must be so at its place.</param>
    /// <param name="Other">Another way on; -1 where there is none.</param>
    internal readonly record struct Node(CharacterClass? Units, PatternCondition Condition, int Next, int Other);
}
