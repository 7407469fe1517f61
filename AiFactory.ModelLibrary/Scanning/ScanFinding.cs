namespace AiFactory.ModelLibrary.Scanning;

/// <summary>One reason to keep a model out.</summary>
/// <param name="Rule">A name that stays: <c>malformed</c>, <c>required-key</c>, <c>chat-template</c>, ...</param>
/// <param name="Offset">The byte of the file that it is about, where there is one.</param>
internal sealed record ScanFinding(string Rule, long? Offset, string Reason)
{
    public override string ToString() => Offset is { } offset ? $"at byte {offset}: {Reason}" : Reason;
}
