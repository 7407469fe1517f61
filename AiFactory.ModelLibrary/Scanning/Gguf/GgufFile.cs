namespace AiFactory.ModelLibrary.Scanning.Gguf;

/// <summary>All of a GGUF file but its tensors' bytes and its arrays' elements.</summary>
/// <param name="DataOffset">Where the tensors' data begins: after the list of tensors, aligned.</param>
internal sealed record GgufFile(
    uint Version,
    IReadOnlyDictionary<string, GgufValue> Metadata,
    IReadOnlyList<GgufTensor> Tensors,
    long Alignment,
    long DataOffset,
    long Length)
{
    internal string? Text(string key) => Metadata.GetValueOrDefault(key) is GgufValue.Text text ? text.Value : null;

    internal long? Integer(string key) =>
        Metadata.GetValueOrDefault(key) is GgufValue.Integer { Value: var value } && value >= long.MinValue && value <= long.MaxValue ? (long)value : null;

    internal GgufValue.Sequence? Sequence(string key) => Metadata.GetValueOrDefault(key) as GgufValue.Sequence;
}
