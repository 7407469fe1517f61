namespace AiFactory.Contracts.Guardrails;

/// <summary>The most that a request may ask; null where there is no limit.</summary>
public sealed record GuardrailSizes
{
    /// <summary>Messages of one conversation.</summary>
    public int? Messages { get; init; }

    /// <summary>Characters of all its texts together.</summary>
    public int? Characters { get; init; }

    /// <summary>Tokens of all answers that it asks for, together; who names no limit gets this one.</summary>
    public int? Tokens { get; init; }
}
