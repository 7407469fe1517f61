namespace AiFactory.Inference.Weights.Gguf;

/// <summary>All of a GGUF file but its tensors' bytes and its long arrays' elements.</summary>
internal sealed record GgufHeader(IReadOnlyDictionary<string, GgufValue> Metadata, IReadOnlyList<GgufTensor> Tensors)
{
    public string Architecture => Text("general.architecture") ?? "";

    public string? Text(string key) => Metadata.GetValueOrDefault(key) is GgufValue.Text text ? text.Value : null;

    public long? Integer(string key) => Metadata.GetValueOrDefault(key) is GgufValue.Integer { Value: >= 0 } number ? number.Value : null;

    public GgufValue.Sequence? Sequence(string key) => Metadata.GetValueOrDefault(key) as GgufValue.Sequence;

    /// <summary>Parts of the whole model; 1 when the file is all of it.</summary>
    public int Parts => (int)Math.Clamp(Integer("split.count") ?? 1, 1, ushort.MaxValue);

    /// <summary>Reads the header alone.</summary>
    /// <exception cref="GgufException">The file is not what it says it is.</exception>
    public static GgufHeader Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 1 << 16, FileOptions.SequentialScan);
        return GgufParser.Parse(file);
    }
}
