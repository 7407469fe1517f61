namespace AiFactory.Gateway.Guardrails;

/// <summary>Which rule it is. All of it comes from a policy, and nothing from a request: it may stand in metrics, headers and the audit.</summary>
/// <param name="Level">Whose rule: <c>factory</c>, <c>project</c> or <c>deployment</c>.</param>
internal sealed record RuleIdentity(string Level, string Name, string Action)
{
    /// <summary>For example <c>mask:no-mail</c>.</summary>
    public string Mark { get; } = $"{Action}:{Name}";

    /// <summary>For example <c>project/no-mail</c>.</summary>
    public string Path { get; } = $"{Level}/{Name}";
}
