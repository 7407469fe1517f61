using System.Text;

namespace AiFactory.ModelLibrary.Scanning.Gguf;

/// <summary>What a model may ask of the scanner, by all of its files together. Real models stay far below each of them.</summary>
internal sealed record GgufLimits
{
    public long MetadataEntries { get; init; } = 16_384;

    public long Tensors { get; init; } = 65_536;

    /// <summary>Bytes. The specification allows 65,535; no known key is longer than 80.</summary>
    public int KeyBytes { get; init; } = 256;

    /// <summary>Bytes of one text value that is kept, such as a chat template.</summary>
    public int TextBytes { get; init; } = 1 << 20;

    /// <summary>Bytes of one string inside an array, such as a token; it is read past, not kept.</summary>
    public int ElementTextBytes { get; init; } = 1 << 16;

    public long ArrayElements { get; init; } = 16_000_000;

    /// <summary>Texts of a vocabulary, of each of which 16 bytes are kept while it is read. The largest known have about 260,000.</summary>
    public long VocabularyTokens { get; init; } = 1 << 20;

    public int ArrayDepth { get; init; } = 4;

    /// <summary>Bytes of a tensor's name; ggml holds 64 with the closing zero.</summary>
    public int TensorNameBytes { get; init; } = 63;

    public int TensorDimensions { get; init; } = 4;

    public long AlignmentBytes { get; init; } = 1 << 16;

    /// <summary>Bytes of all that comes before the tensors' data.</summary>
    public long HeaderBytes { get; init; } = 512L << 20;

    /// <summary>Bytes of all text values that are kept.</summary>
    public long KeptTextBytes { get; init; } = 8 << 20;

    /// <summary>What is left for the files behind this one.</summary>
    internal GgufLimits Behind(GgufFile file) => this with
    {
        MetadataEntries = MetadataEntries - file.Metadata.Count,
        Tensors = Tensors - file.Tensors.Count,
        HeaderBytes = Math.Max(0, HeaderBytes - file.DataOffset),
        KeptTextBytes = KeptTextBytes - file.Metadata.Values.OfType<GgufValue.Text>().Sum(text => (long)Encoding.UTF8.GetByteCount(text.Value) + sizeof(long)),
    };
}
