using System.Text.Json;

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

    /// <summary>Of <c>topic</c>.</summary>
    public IReadOnlyList<GuardrailTopic>? Topics { get; init; }

    /// <summary>Of <c>topic</c>: the name of the deployment that judges. An embedding model judges by how near a text is to a topic, a chat model is asked, a moderation model names categories.</summary>
    public string? Judge { get; init; }

    /// <summary>Of <c>topic</c>: which deployment of that name judges. The library writes it when the rule is saved, whatever is sent: another that gets the name later does not judge.</summary>
    public Guid? JudgeId { get; init; }

    /// <summary>Of <c>topic</c>, where an embedding model judges: from which cosine on a text is about a topic.</summary>
    public double? Threshold { get; init; }

    /// <summary>Of <c>topic</c>: one of <see cref="GuardrailAuthors"/>, for what clients send; <c>all</c> when null.</summary>
    public string? Authors { get; init; }

    /// <summary>Of <c>topic</c>: one of <see cref="GuardrailFailures"/>; when null <c>block</c> where the rule blocks, and <c>pass</c> where it flags.</summary>
    public string? OnFailure { get; init; }

    /// <summary>Of <c>schema</c>: a JSON schema (draft 2020-12, https://json-schema.org), which refers to nothing outside of itself.</summary>
    public JsonElement? Schema { get; init; }

    /// <summary>What is put in the place of what is masked; when null <c>[EMAIL]</c> and its like, or the rule's name.</summary>
    public string? Replacement { get; init; }
}
