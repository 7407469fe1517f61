namespace AiFactory.Inference.Grammars;

/// <summary>A rule while a grammar is read.</summary>
/// <param name="name">That of the text; a group has the name of the rule that it is in.</param>
/// <param name="offset">Where it was named first.</param>
internal sealed class GrammarRule(string name, int offset)
{
    public string Name { get; } = name;

    public int Offset { get; } = offset;

    /// <summary>Sequences of elements, without their ends.</summary>
    public List<List<GrammarElement>> Alternatives { get; } = [];

    /// <summary>Whether the text says what it is.</summary>
    public bool IsDefined { get; set; }
}
