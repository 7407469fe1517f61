namespace AiFactory.ModelLibrary.Scanning;

/// <summary>One reason to keep a model out.</summary>
/// <param name="Rule">A name that stays: <c>malformed</c>, <c>required-key</c>, <c>chat-template</c>, ...</param>
/// <param name="Offset">The byte of the file that it is about, where there is one.</param>
/// <param name="File">Which of a model's several files it is about, from 1; null where it is one, or it is about all.</param>
internal sealed record ScanFinding(string Rule, long? Offset, string Reason, int? File = null)
{
    public override string ToString() => (File, Offset) switch
    {
        ({ } file, { } offset) => $"in file {file} at byte {offset}: {Reason}",
        ({ } file, null) => $"in file {file}: {Reason}",
        (null, { } offset) => $"at byte {offset}: {Reason}",
        _ => Reason,
    };
}
