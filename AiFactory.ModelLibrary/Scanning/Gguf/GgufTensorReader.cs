using static AiFactory.ModelLibrary.Scanning.Gguf.GgufByteReader;

namespace AiFactory.ModelLibrary.Scanning.Gguf;

/// <summary>Reads the list of tensors: name, dimensions, type, offset in the data section.</summary>
internal sealed class GgufTensorReader(GgufByteReader reader, GgufLimits limits)
{
    internal async Task<IReadOnlyList<GgufTensor>> ReadAsync(long count, long alignment, CancellationToken cancellationToken)
    {
        var tensors = new List<GgufTensor>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (long index = 0; index < count; index++)
        {
            var at = reader.Position;
            var name = await reader.ReadStringAsync($"the name of tensor {index + 1} of {count}", limits.TensorNameBytes, cancellationToken);
            if (name.Length == 0 || name.Any(char.IsControl))
            {
                throw new GgufFormatException(at, "a tensor's name is empty or holds control characters");
            }

            if (!names.Add(name))
            {
                throw new GgufFormatException(at, $"tensor '{name}' appears twice");
            }

            var dimensions = await ReadDimensionsAsync(name, cancellationToken);
            var type = await ReadTypeAsync(name, cancellationToken);
            var (elements, size) = Measure(at, name, dimensions, type);
            var offset = await ReadOffsetAsync(name, alignment, cancellationToken);
            tensors.Add(new GgufTensor(at, name, dimensions, type, elements, offset, size));
        }

        return tensors;
    }

    private async ValueTask<long[]> ReadDimensionsAsync(string name, CancellationToken cancellationToken)
    {
        var at = reader.Position;
        var count = await reader.ReadUInt32Async($"the dimensions of tensor '{name}'", cancellationToken);
        if (count < 1 || count > limits.TensorDimensions)
        {
            throw new GgufFormatException(at, $"tensor '{name}' has {Number(count)} dimensions; 1 to {limits.TensorDimensions} are known");
        }

        var dimensions = new long[count];
        for (var index = 0; index < dimensions.Length; index++)
        {
            var dimensionAt = reader.Position;
            var dimension = await reader.ReadUInt64Async($"the dimensions of tensor '{name}'", cancellationToken);
            dimensions[index] = dimension is > 0 and <= long.MaxValue
                ? (long)dimension
                : throw new GgufFormatException(dimensionAt, $"dimension {index + 1} of tensor '{name}' is {Number(dimension)}");
        }

        return dimensions;
    }

    private async ValueTask<GgufTensorType> ReadTypeAsync(string name, CancellationToken cancellationToken)
    {
        var at = reader.Position;
        var id = await reader.ReadUInt32Async($"the type of tensor '{name}'", cancellationToken);
        return GgufTensorType.Find(id) ?? throw new GgufFormatException(at, $"tensor '{name}' has the unknown type {Number(id)}");
    }

    private async ValueTask<long> ReadOffsetAsync(string name, long alignment, CancellationToken cancellationToken)
    {
        var at = reader.Position;
        var offset = await reader.ReadUInt64Async($"the offset of tensor '{name}'", cancellationToken);
        if (offset % (ulong)alignment != 0)
        {
            throw new GgufFormatException(at, $"offset {Number(offset)} of tensor '{name}' is not a multiple of the alignment {alignment}");
        }

        return offset <= (ulong)reader.Length
            ? (long)offset
            : throw new GgufFormatException(at, $"offset {Number(offset)} of tensor '{name}' lies behind the end of the file ({Number(reader.Length)} bytes)");
    }

    /// <summary>Elements and bytes of a tensor. A row (the first dimension) is whole blocks; no product may leave 63 bits.</summary>
    private (long Elements, long Size) Measure(long at, string name, long[] dimensions, GgufTensorType type)
    {
        if (dimensions[0] % type.BlockElements != 0)
        {
            throw new GgufFormatException(at, $"rows of tensor '{name}' have {Number(dimensions[0])} elements, not a multiple of the {type.BlockElements} that a block of {type.Name} holds");
        }

        Int128 elements = 1;
        foreach (var dimension in dimensions)
        {
            elements *= dimension;
            if (elements > long.MaxValue)
            {
                throw new GgufFormatException(at, $"the size of tensor '{name}' ({string.Join(" x ", dimensions.Select(d => Number(d)))}) overflows");
            }
        }

        var size = elements / type.BlockElements * type.BlockBytes;
        return size <= reader.Length
            ? ((long)elements, (long)size)
            : throw new GgufFormatException(at, $"tensor '{name}' needs {Number(size)} bytes; the whole file has {Number(reader.Length)}");
    }
}
