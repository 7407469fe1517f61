namespace AiFactory.Contracts.Guardrails;

/// <summary>Whose texts of a request are judged by a model.</summary>
public static class GuardrailAuthors
{
    /// <summary>Everybody's: to an API each caller writes all of a request.</summary>
    public const string All = "all";

    /// <summary>All but what an application's author writes, who names topics to forbid them: system and developer messages, <c>instructions</c>, tools and <c>response_format</c>. Right where nobody else can write those.</summary>
    public const string Users = "users";

    public static IReadOnlyList<string> Each { get; } = [All, Users];
}
