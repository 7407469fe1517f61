namespace AiFactory.Inference.Reasoning;

/// <summary>What becomes of a model's thoughts in the answer to one request.</summary>
/// <param name="IsRaw">They stay in the content, with their marks.</param>
/// <param name="IsTold">False leaves them out.</param>
internal sealed record ReasoningUse(ReasoningFormat Format, ReasoningPlace Place, bool IsRaw = false, bool IsTold = true)
{
    public ThoughtReader NewReader() => new(Format, Place);
}
