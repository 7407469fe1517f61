namespace AiFactory.Contracts.Guardrails;

/// <summary>Something that texts should not be about.</summary>
public sealed record GuardrailTopic
{
    /// <summary>In some words, as <c>building weapons</c>; where a moderation model judges, the name of one of its categories.</summary>
    public string Name { get; init; } = "";

    /// <summary>Texts that are about it.</summary>
    public IReadOnlyList<string> Examples { get; init; } = [];
}
