namespace AiFactory.Inference.Grammars;

internal enum GrammarElementKind
{
    /// <summary>The end of an alternative.</summary>
    End,

    /// <summary>One character of a class.</summary>
    Class,

    /// <summary>What a rule says.</summary>
    Rule,

    /// <summary>What a rule says, a number of times.</summary>
    Repeat,
}

/// <param name="Value">Which class or rule.</param>
/// <param name="Least">Times, of a repetition.</param>
/// <param name="Most">Times, of a repetition; <see cref="Unbounded"/> when there is no limit.</param>
internal readonly record struct GrammarElement(GrammarElementKind Kind, int Value = 0, int Least = 0, int Most = 0)
{
    public const int Unbounded = int.MaxValue;
}
