using AiFactory.Contracts.Guardrails;

namespace AiFactory.Contracts.Library;

/// <param name="Version">The newest, from 1: each save is one more. 0 where none was ever saved.</param>
public sealed record GuardrailPolicyResponse(string? Project, string? Deployment, int Version, IReadOnlyList<GuardrailRule> Rules, string? UpdatedBy, DateTimeOffset? UpdatedAt);
