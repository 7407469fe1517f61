using static AiFactory.Inference.Weights.Gguf.GgufBytes;

namespace AiFactory.Inference.Weights.Gguf;

/// <summary>Reads the list of tensors: name, dimensions, type, offset in the data section.</summary>
internal static class GgufTensorList
{
    public static IReadOnlyList<GgufTensor> Read(GgufBytes bytes, int count, long alignment)
    {
        var tensors = new List<GgufTensor>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var index = 0; index < count; index++)
        {
            var name = bytes.Text($"the name of tensor {index + 1} of {count}", GgufLimits.TensorNameBytes);
            if (name.Length == 0 || name.Any(char.IsControl) || !names.Add(name))
            {
                throw new GgufException($"the name of tensor {index + 1} is empty, holds control characters or is there twice");
            }

            var dimensions = ReadDimensions(bytes, name);
            var type = bytes.UInt32($"the type of tensor '{name}'");
            var size = Measure(name, dimensions, type, bytes.Length);
            var offset = bytes.UInt64($"the offset of tensor '{name}'");
            tensors.Add(offset <= (ulong)bytes.Length && offset % (ulong)alignment == 0
                ? new GgufTensor(name, dimensions, type, (long)offset, size)
                : throw new GgufException($"the data of tensor '{name}' begins at {offset}: behind the end of the file, or not at a multiple of {alignment}"));
        }

        return tensors;
    }

    private static long[] ReadDimensions(GgufBytes bytes, string name)
    {
        var count = bytes.UInt32($"the dimensions of tensor '{name}'");
        if (count is < 1 or > GgufLimits.Dimensions)
        {
            throw new GgufException($"tensor '{name}' has {count} dimensions; 1 to {GgufLimits.Dimensions} are known");
        }

        var dimensions = new long[count];
        for (var index = 0; index < dimensions.Length; index++)
        {
            var dimension = bytes.UInt64($"the dimensions of tensor '{name}'");
            dimensions[index] = dimension is > 0 and <= int.MaxValue
                ? (long)dimension
                : throw new GgufException($"dimension {index + 1} of tensor '{name}' is {dimension}");
        }

        return dimensions;
    }

    /// <summary>The bytes of a tensor. A row (the first dimension) is whole blocks.</summary>
    private static long Measure(string name, long[] dimensions, uint type, long length)
    {
        var (elements, blockBytes) = GgufTensorTypes.Find(type) ?? throw new GgufException($"tensor '{name}' has the unknown type {type}");
        if (dimensions[0] % elements != 0)
        {
            throw new GgufException($"rows of tensor '{name}' have {Number(dimensions[0])} elements, not a multiple of the {elements} of a block");
        }

        var size = dimensions.Aggregate((Int128)1, (product, dimension) => product * dimension) / elements * blockBytes;
        return size <= length ? (long)size : throw new GgufException($"tensor '{name}' needs {Number(size)} bytes; the file has {Number(length)}");
    }
}
