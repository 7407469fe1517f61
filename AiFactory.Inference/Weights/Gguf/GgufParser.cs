using static AiFactory.Inference.Weights.Gguf.GgufBytes;

namespace AiFactory.Inference.Weights.Gguf;

/// <summary>
/// Reads a GGUF file of version 2 or 3 (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md) as strictly as llama.cpp asserts it:
/// <code>
/// 47 47 55 46              "GGUF"
/// 03 00 00 00              version
/// 25 00 00 00 00 00 00 00  number of tensors
/// 19 00 00 00 00 00 00 00  number of metadata entries
/// entries:  key (string), type (uint32), value
/// tensors:  name (string), dimensions (uint32), each (uint64), type (uint32), offset (uint64)
/// padding to general.alignment, then the tensors' data
/// </code>
/// </summary>
internal static class GgufParser
{
    private const uint Magic = 0x46554747;
    private const long DefaultAlignment = 32;

    /// <exception cref="GgufException">The file is not what it says it is.</exception>
    public static GgufHeader Parse(Stream stream)
    {
        // 1. Magic, version and the two counts. 2. Metadata. 3. The list of tensors. 4. That their data lies in the file.
        var bytes = new GgufBytes(stream);
        if (bytes.Length < 24 || bytes.UInt32("the magic") != Magic)
        {
            throw new GgufException("it is no GGUF file: it does not begin with the letters GGUF");
        }

        var version = bytes.UInt32("the version");
        if (version is not (2 or 3))
        {
            throw new GgufException($"it is GGUF of version {version}; 2 and 3 are known, little-endian");
        }

        var tensorCount = Count(bytes.UInt64("the number of tensors"), GgufLimits.Tensors, "tensors");
        var entryCount = Count(bytes.UInt64("the number of metadata entries"), GgufLimits.Entries, "metadata entries");
        var metadata = GgufMetadata.Read(bytes, entryCount);
        var alignment = AlignmentOf(metadata);
        var tensors = GgufTensorList.Read(bytes, tensorCount, alignment);
        CheckLayout(tensors, alignment, (bytes.Position + alignment - 1) / alignment * alignment, bytes.Length);
        return new GgufHeader(metadata, tensors);
    }

    private static int Count(ulong count, int limit, string what) =>
        count <= (ulong)limit ? (int)count : throw new GgufException($"it says that it has {count} {what}; {Number(limit)} are the most");

    private static long AlignmentOf(IReadOnlyDictionary<string, GgufValue> metadata) => metadata.GetValueOrDefault("general.alignment") switch
    {
        null => DefaultAlignment,
        GgufValue.Integer { Type: GgufValueType.UInt32, Value: >= 8 and <= GgufLimits.Alignment } value when long.IsPow2(value.Value) => value.Value,
        _ => throw new GgufException($"general.alignment must be a uint32, a power of two from 8 to {Number(GgufLimits.Alignment)}"),
    };

    /// <summary>The tensors' data follows one after another, as llama.cpp asks, and ends in the file.</summary>
    private static void CheckLayout(IReadOnlyList<GgufTensor> tensors, long alignment, long dataOffset, long length)
    {
        Int128 expected = 0;
        foreach (var tensor in tensors)
        {
            if (tensor.Offset != expected)
            {
                throw new GgufException($"the data of tensor '{tensor.Name}' begins at {Number(tensor.Offset)}, where {Number(expected)} was expected: tensors overlap, or leave gaps");
            }

            if (dataOffset + expected + tensor.Size > length)
            {
                throw new GgufException($"the file is cut: tensor '{tensor.Name}' ends at byte {Number(dataOffset + expected + tensor.Size)} of {Number(length)}");
            }

            expected += (tensor.Size + alignment - 1) / alignment * alignment;
        }
    }
}
