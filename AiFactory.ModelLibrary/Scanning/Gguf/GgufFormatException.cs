namespace AiFactory.ModelLibrary.Scanning.Gguf;

/// <summary>Ends a parse from any depth of it; <see cref="GgufScanner"/> turns it into a finding, and nothing else sees it.</summary>
internal sealed class GgufFormatException(long offset, string reason) : Exception($"at byte {offset}: {reason}")
{
    internal long Offset { get; } = offset;

    internal string Reason { get; } = reason;
}
