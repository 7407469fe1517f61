namespace AiFactory.Gateway.OpenAI;

/// <summary>The few bytes that make a request ask for its stream's usage, and where they go; the rest of the body stays as the client wrote it.</summary>
/// <param name="At">Their place in the body.</param>
/// <param name="Removed">How many bytes they replace.</param>
internal readonly record struct UsageSplice(int At, int Removed, UsageSpliceKind Kind)
{
    /// <summary>Whether the request does not ask yet. One that says something else of it is left to the replica to judge.</summary>
    public bool IsNeeded => Kind != UsageSpliceKind.None;

    public ReadOnlySpan<byte> Text => Kind switch
    {
        UsageSpliceKind.Options => "\"stream_options\":{\"include_usage\":true},"u8,
        UsageSpliceKind.Object => "{\"include_usage\":true}"u8,
        UsageSpliceKind.FirstMember => "\"include_usage\":true,"u8,
        UsageSpliceKind.OnlyMember => "\"include_usage\":true"u8,
        UsageSpliceKind.Value => "true"u8,
        _ => default,
    };
}
