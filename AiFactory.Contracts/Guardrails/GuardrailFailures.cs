namespace AiFactory.Contracts.Guardrails;

/// <summary>What becomes of a text that should be judged by a model which cannot be asked.</summary>
public static class GuardrailFailures
{
    public const string Block = "block";
    public const string Pass = "pass";

    public static IReadOnlyList<string> All { get; } = [Block, Pass];
}
