namespace AiFactory.ServiceDefaults.Guardrails;

/// <summary>What is asked of a place between two characters.</summary>
[Flags]
internal enum PatternCondition
{
    None = 0,

    /// <summary><c>\b</c>: a letter on one side and none on the other.</summary>
    WordEdge = 1,

    /// <summary><c>\B</c>.</summary>
    NoWordEdge = 2,

    /// <summary><c>\A</c>, and <c>^</c>.</summary>
    TextStart = 4,

    /// <summary><c>\z</c>.</summary>
    TextEnd = 8,

    /// <summary><c>\Z</c>, and <c>$</c>: the text's end, or a last line's end before it.</summary>
    LastLineEnd = 16,

    /// <summary><c>^</c> with the option <c>m</c>.</summary>
    LineStart = 32,

    /// <summary><c>$</c> with the option <c>m</c>.</summary>
    LineEnd = 64,
}
