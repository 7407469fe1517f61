using AiFactory.Contracts.Guardrails;

namespace AiFactory.Contracts.Routing;

/// <summary>The rules of one level. Those of all levels hold together.</summary>
/// <param name="Project">Whose callers they are for; null for those of the whole factory.</param>
/// <param name="Deployment">The name of the one deployment of the project that they are for; null for all that the project's callers use.</param>
/// <param name="Version">Another after each change.</param>
public sealed record GuardrailRoute(string? Project, string? Deployment, int Version, IReadOnlyList<GuardrailRule> Rules);
