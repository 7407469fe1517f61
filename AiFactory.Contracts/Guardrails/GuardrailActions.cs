namespace AiFactory.Contracts.Guardrails;

/// <summary>What becomes of what a rule finds. Where several rules find something, the strictest wins: block before mask before flag.</summary>
public static class GuardrailActions
{
    /// <summary>The request is refused, or its answer stopped.</summary>
    public const string Block = "block";

    /// <summary>Something else is put in its place, for good: nobody can undo it.</summary>
    public const string Mask = "mask";

    /// <summary>It passes, and is counted and named in a header.</summary>
    public const string Flag = "flag";

    public static IReadOnlyList<string> All { get; } = [Block, Mask, Flag];
}
