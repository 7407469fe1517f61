using static AiFactory.ModelLibrary.Scanning.Gguf.GgufByteReader;

namespace AiFactory.ModelLibrary.Scanning.Gguf;

/// <summary>
/// Parses a GGUF file of version 2 or 3 as a stream (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md):
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
internal sealed class GgufParser(GgufLimits limits)
{
    private const uint Magic = 0x46554747;
    private const long DefaultAlignment = 32;

    /// <exception cref="GgufFormatException">The file is not what it says it is.</exception>
    internal async Task<GgufFile> ParseAsync(Stream stream, long length, CancellationToken cancellationToken)
    {
        // 1. Magic, version and the two counts. 2. Metadata. 3. The list of tensors. 4. Where the data begins, and that it fills the file.
        var reader = new GgufByteReader(stream, length, limits.HeaderBytes);
        var version = await ReadVersionAsync(reader, cancellationToken);
        var tensorCount = await ReadCountAsync(reader, "tensor count", limits.Tensors, cancellationToken);
        var entryCount = await ReadCountAsync(reader, "metadata count", limits.MetadataEntries, cancellationToken);
        var metadata = await new GgufMetadataReader(reader, limits).ReadAsync(entryCount, cancellationToken);
        var alignment = AlignmentOf(metadata);
        var tensors = await new GgufTensorReader(reader, limits).ReadAsync(tensorCount, alignment, cancellationToken);
        var dataOffset = (reader.Position + alignment - 1) / alignment * alignment;
        GgufLayout.Check(tensors, alignment, dataOffset, length);
        return new GgufFile(version, metadata, tensors, alignment, dataOffset, length);
    }

    private static async Task<uint> ReadVersionAsync(GgufByteReader reader, CancellationToken cancellationToken)
    {
        if (await reader.ReadUInt32Async("the magic", cancellationToken) != Magic)
        {
            throw new GgufFormatException(0, "not a GGUF file: it does not begin with the letters GGUF");
        }

        var version = await reader.ReadUInt32Async("the version", cancellationToken);
        return version switch
        {
            2 or 3 => version,
            _ when (version & 0xFFFF) == 0 && version != 0 => throw new GgufFormatException(4, "a big-endian GGUF file, which no worker here can load"),
            _ => throw new GgufFormatException(4, $"GGUF version {Number(version)}; versions 2 and 3 are known"),
        };
    }

    private static async Task<long> ReadCountAsync(GgufByteReader reader, string what, long limit, CancellationToken cancellationToken)
    {
        var at = reader.Position;
        var count = await reader.ReadUInt64Async($"the {what}", cancellationToken);
        return count <= (ulong)limit
            ? (long)count
            : throw new GgufFormatException(at, $"{what} {Number(count)} exceeds the limit of {Number(limit)}");
    }

    private long AlignmentOf(IReadOnlyDictionary<string, GgufValue> metadata)
    {
        if (!metadata.TryGetValue("general.alignment", out var value))
        {
            return DefaultAlignment;
        }

        return value is GgufValue.Integer { Value: var alignment } && alignment >= 8 && alignment <= limits.AlignmentBytes && Int128.IsPow2(alignment)
            ? (long)alignment
            : throw new GgufFormatException(value.Offset, $"general.alignment must be a power of two from 8 to {Number(limits.AlignmentBytes)}");
    }
}
