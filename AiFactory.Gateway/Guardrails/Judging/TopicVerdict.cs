using AiFactory.Gateway.SubRequests;

namespace AiFactory.Gateway.Guardrails.Judging;

/// <param name="IsFound">Null where it could not be told.</param>
/// <param name="Fault">Why it could not, to complete "the judge ...".</param>
internal readonly record struct TopicVerdict(bool? IsFound, PartFault? Fault)
{
    public static TopicVerdict Of(bool isFound) => new(isFound, null);

    public static TopicVerdict None(PartFault? fault) => new(null, fault ?? new PartFault(PartFaultKind.Unclear, "gave no answer"));

    public static TopicVerdict None(PartFaultKind kind, string why) => new(null, new PartFault(kind, why));

    /// <summary>For metrics.</summary>
    public string Name => IsFound switch { true => "found", false => "clear", null => "failed" };
}
