namespace AiFactory.ServiceDefaults.Guardrails;

/// <summary>What the patterns of one policy, or of one schema, may take together: each alone is bounded, and a schema can have thousands of them, which every gateway keeps.</summary>
public sealed class PatternBudget
{
    /// <summary>Bytes. As much as one pattern alone can take.</summary>
    internal const int MostOfSchema = 1 << 20;

    /// <summary>Bytes. Fifty rules of words take a quarter of it.</summary>
    internal const int MostOfPolicy = 16 << 20;

    /// <summary>Each takes a millisecond to find out about.</summary>
    private const int MostClassesOfPolicy = 1000;

    internal const string Full = "Together with those before it, it takes more memory than the patterns of one schema, or of one policy, may: have fewer of them, with fewer repetitions and fewer classes of characters.";

    private readonly int _mostBytes;
    private readonly int _mostClasses;
    private readonly PatternBudget? _outer;
    private readonly HashSet<PatternNode.Character> _asked = [];
    private readonly HashSet<CharacterClass> _classes = [];
    private long _bytes;

    private PatternBudget(int mostBytes, int mostClasses, PatternBudget? outer) => (_mostBytes, _mostClasses, _outer) = (mostBytes, mostClasses, outer);

    public static PatternBudget OfPolicy() => new(MostOfPolicy, MostClassesOfPolicy, outer: null);

    /// <summary>Of one that is part of this one's policy.</summary>
    internal PatternBudget OfSchema() => new(MostOfSchema, RulePattern.MostClasses, this);

    /// <summary>Whether there is room for a pattern that is yet to be made.</summary>
    internal bool HasRoomFor(PatternNode pattern)
    {
        _asked.UnionWith(pattern.Classes);
        return _bytes + ((long)pattern.Size * PatternGraph.BytesOfNode) <= _mostBytes && _asked.Count <= _mostClasses && _outer?.HasRoomFor(pattern) != false;
    }

    /// <returns>False where it was too much.</returns>
    internal bool Take(PatternGraph graph)
    {
        _bytes += graph.Nodes.Length * PatternGraph.BytesOfNode;
        foreach (var units in graph.Nodes.Select(node => node.Units).Append(graph.First).OfType<CharacterClass>())
        {
            _bytes += _classes.Add(units) ? units.Bytes : 0;
        }

        return _bytes <= _mostBytes && _outer?.Take(graph) != false;
    }
}
