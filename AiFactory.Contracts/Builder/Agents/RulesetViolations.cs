namespace AiFactory.Contracts.Builder.Agents;

/// <summary>What becomes of an answer that does not keep a check.</summary>
public static class RulesetViolations
{
    /// <summary>The step, or the agent's answer, fails.</summary>
    public const string Reject = "reject";

    /// <summary>The model is told what was wrong and answers once more; a second violation is rejected.</summary>
    public const string Retry = "retry";
}
