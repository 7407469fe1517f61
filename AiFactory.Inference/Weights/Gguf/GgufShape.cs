namespace AiFactory.Inference.Weights.Gguf;

/// <summary>The sizes that a file states, as llama.cpp reads them: what is missing follows from the others.</summary>
internal sealed class GgufShape
{
    private readonly GgufHeader _header;
    private readonly string _prefix;

    private GgufShape(GgufHeader header, string architecture)
    {
        _header = header;
        _prefix = architecture + ".";
        Layers = Value("block_count") ?? 0;
        Embedding = Value("embedding_length") ?? 0;
        Context = Value("context_length") ?? 0;
        Check();
        var heads = Heads(0);
        KeyLength = Value("attention.key_length") ?? (heads > 0 ? Embedding / heads : 0);
        ValueLength = Value("attention.value_length") ?? (heads > 0 ? Embedding / heads : 0);
        Rotated = Value("rope.dimension_count") ?? KeyLength;
    }

    public long Layers { get; }

    public long Embedding { get; }

    public long Context { get; }

    public long KeyLength { get; }

    public long ValueLength { get; }

    public long Rotated { get; }

    public long Heads(int layer) => At("attention.head_count", layer) ?? 0;

    public long KeyValueHeads(int layer) => At("attention.head_count_kv", layer) ?? Heads(layer);

    public long FeedForward(int layer) => At("feed_forward_length", layer) ?? 0;

    /// <exception cref="GgufException">A number is no number.</exception>
    public static GgufShape Of(GgufHeader header, string architecture) => new(header, architecture);

    private long? Value(string key) => _header.Integer(_prefix + key);

    /// <summary>A number for each layer, or one for all.</summary>
    private long? At(string key, int layer) => _header.Sequence(_prefix + key) is { } each
        ? each.Numbers is { } numbers && layer < numbers.Count ? numbers[layer] : null
        : Value(key);

    /// <summary>llama.cpp reads these as uint32: another type, or a number out of its range, is no number to it.</summary>
    private void Check()
    {
        foreach (var key in (string[])["block_count", "embedding_length", "context_length", "feed_forward_length", "attention.head_count", "attention.head_count_kv", "attention.key_length", "attention.value_length", "rope.dimension_count"])
        {
            if (_header.Metadata.TryGetValue(_prefix + key, out var value)
                && value is not (GgufValue.Integer { Type: GgufValueType.UInt32, Value: <= int.MaxValue } or GgufValue.Sequence { ElementType: GgufValueType.UInt32 or GgufValueType.Int32, Numbers: { } }))
            {
                throw new GgufException($"'{_prefix}{key}' is no uint32 of a plausible size");
            }
        }
    }
}
