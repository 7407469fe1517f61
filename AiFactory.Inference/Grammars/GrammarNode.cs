namespace AiFactory.Inference.Grammars;

/// <summary>
/// A place in a grammar, and what comes when the rule that it is in has ended: the place behind that rule, and so on. Equal ones are the same object of their matcher, so that many answers
/// share what lies behind.
/// </summary>
/// <param name="position">Into <see cref="Grammar.Elements"/>.</param>
/// <param name="count">Times done, where the place is a repetition.</param>
/// <param name="parent">Null when the root's end is the answer's.</param>
internal sealed class GrammarNode(int position, int count, GrammarNode? parent, int id)
{
    public int Position { get; } = position;

    public int Count { get; } = count;

    public GrammarNode? Parent { get; } = parent;

    public int Id { get; } = id;

    public int Depth { get; } = parent is null ? 0 : parent.Depth + 1;
}
