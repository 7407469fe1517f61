namespace AiFactory.Gateway.Guardrails;

/// <summary>A rule took longer than any should: what it is about does not pass.</summary>
internal sealed class GuardrailException(RuleIdentity rule, Exception inner) : Exception($"The rule {rule.Path} was not followed to its end.", inner)
{
    public RuleIdentity Rule { get; } = rule;
}
