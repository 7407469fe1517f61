using static AiFactory.ModelLibrary.Scanning.Gguf.GgufByteReader;

namespace AiFactory.ModelLibrary.Scanning.Gguf;

/// <summary>
/// The tensors' data must fill the rest of the file exactly: no tensor outside of it (a truncated file), none over another, and no
/// room between or behind them where something else could hide. llama.cpp refuses gaps as well.
/// </summary>
internal static class GgufLayout
{
    /// <exception cref="GgufFormatException">A tensor leaves the file or meets another, or bytes belong to no tensor.</exception>
    internal static void Check(IReadOnlyList<GgufTensor> tensors, long alignment, long dataOffset, long length)
    {
        if (tensors.Count > 0 && dataOffset > length)
        {
            throw new GgufFormatException(length, $"the file ends before its tensor data, which should begin at byte {Number(dataOffset)}");
        }

        // Where the data of the tensors seen so far ends, padding included, from the start of the data section.
        long expected = 0;
        GgufTensor? before = null;
        foreach (var tensor in tensors.OrderBy(tensor => tensor.Offset))
        {
            if (tensor.Offset < expected)
            {
                throw new GgufFormatException(tensor.At, $"tensor '{tensor.Name}' overlaps tensor '{before?.Name}'");
            }

            if (tensor.Offset > expected)
            {
                throw new GgufFormatException(tensor.At, $"{Number(tensor.Offset - expected)} bytes before tensor '{tensor.Name}' belong to no tensor");
            }

            if (tensor.Size > length - dataOffset - tensor.Offset)
            {
                throw new GgufFormatException(
                    dataOffset + tensor.Offset,
                    $"tensor '{tensor.Name}' needs {Number(tensor.Size)} bytes and {Number(Math.Max(0, length - dataOffset - tensor.Offset))} bytes are left: the file is truncated");
            }

            expected = tensor.Offset + (tensor.Size + alignment - 1) / alignment * alignment;
            before = tensor;
        }

        var end = dataOffset + expected;
        if (length > end)
        {
            throw new GgufFormatException(end, $"{Number(length - end)} bytes behind the last tensor belong to no tensor");
        }
    }
}
