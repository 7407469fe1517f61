namespace AiFactory.Contracts.Guardrails;

/// <summary>Which texts a rule reads.</summary>
public static class GuardrailDirections
{
    /// <summary>What clients send to models.</summary>
    public const string Input = "input";

    /// <summary>What models answer, tool calls' arguments included.</summary>
    public const string Output = "output";

    public const string Both = "both";

    public static IReadOnlyList<string> All { get; } = [Input, Output, Both];
}
