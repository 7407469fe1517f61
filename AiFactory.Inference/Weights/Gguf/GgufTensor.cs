namespace AiFactory.Inference.Weights.Gguf;

/// <param name="Dimensions">Fastest-varying first: <c>[columns, rows, ...]</c>.</param>
/// <param name="Offset">Bytes from the start of the data section.</param>
/// <param name="Size">Bytes, without padding.</param>
internal sealed record GgufTensor(string Name, IReadOnlyList<long> Dimensions, uint Type, long Offset, long Size)
{
    /// <summary>1 where the tensor has fewer dimensions, as ggml reads it.</summary>
    public long Dimension(int index) => index < Dimensions.Count ? Dimensions[index] : 1;
}
