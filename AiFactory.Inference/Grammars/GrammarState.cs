namespace AiFactory.Inference.Grammars;

/// <summary>Where an answer can be, in the grammar and within a character.</summary>
/// <param name="nodes">Places that wait for a character, by their ids.</param>
/// <param name="character">The character that has begun.</param>
/// <param name="accepts">Whether the answer may end here.</param>
internal sealed class GrammarState(GrammarNode[] nodes, PartialCharacter character, bool accepts)
{
    private GrammarState?[]? _next;

    public GrammarNode[] Nodes { get; } = nodes;

    public PartialCharacter Character { get; } = character;

    public bool Accepts { get; } = accepts;

    /// <summary>Whether the answer must end here.</summary>
    public bool IsEnd => Nodes.Length == 0;

    /// <summary>By byte: what was found already. No nodes and no end is where no answer gets to.</summary>
    public GrammarState?[] Next => _next ??= new GrammarState?[256];

    public bool IsDead => Nodes.Length == 0 && !Accepts;
}
