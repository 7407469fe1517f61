namespace AiFactory.Gateway.Guardrails.Judging;

/// <param name="IsFound">Null where it could not be told.</param>
/// <param name="Fault">Why it could not, to complete "the judge ...".</param>
internal readonly record struct TopicVerdict(bool? IsFound, string? Fault)
{
    public static TopicVerdict Of(bool isFound) => new(isFound, null);

    public static TopicVerdict None(string? fault) => new(null, fault ?? "gave no answer");

    /// <summary>For metrics.</summary>
    public string Name => IsFound switch { true => "found", false => "clear", null => "failed" };
}
