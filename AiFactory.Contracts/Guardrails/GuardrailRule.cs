namespace AiFactory.Contracts.Guardrails;

/// <summary>One rule of a policy. Which members it has depends on its <see cref="Kind"/>.</summary>
public sealed record GuardrailRule
{
    /// <summary>Lower-case letters, digits and <c>-</c>, 1 to 40; what clients, metrics and the audit are told.</summary>
    public string Name { get; init; } = "";

    /// <summary>One of <see cref="GuardrailKinds"/>.</summary>
    public string Kind { get; init; } = "";

    /// <summary>One of <see cref="GuardrailActions"/>.</summary>
    public string Action { get; init; } = "";

    /// <summary>One of <see cref="GuardrailDirections"/>.</summary>
    public string AppliesTo { get; init; } = GuardrailDirections.Both;

    public bool Enabled { get; init; } = true;

    /// <summary>Of <c>pattern</c>: a regular expression of .NET without look-around, backreferences and atomic groups, which no text can make slow.</summary>
    public string? Pattern { get; init; }

    /// <summary>Of <c>pattern</c>.</summary>
    public bool IgnoreCase { get; init; }

    /// <summary>Of <c>pii</c>: some of <see cref="GuardrailEntities"/>.</summary>
    public IReadOnlyList<string>? Entities { get; init; }

    /// <summary>Of <c>words</c>.</summary>
    public IReadOnlyList<string>? Words { get; init; }

    /// <summary>Of <c>size</c>.</summary>
    public GuardrailSizes? Sizes { get; init; }

    /// <summary>What is put in the place of what is masked; when null <c>[EMAIL]</c> and its like, or the rule's name.</summary>
    public string? Replacement { get; init; }
}
