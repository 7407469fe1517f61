namespace AiFactory.ModelLibrary.Scanning.Gguf;

/// <param name="At">Where its entry begins in the file.</param>
/// <param name="Dimensions">Fastest-varying first: <c>[columns, rows, ...]</c>.</param>
/// <param name="Offset">Bytes from the start of the data section.</param>
/// <param name="Size">Bytes, without padding.</param>
internal sealed record GgufTensor(long At, string Name, IReadOnlyList<long> Dimensions, GgufTensorType Type, long Elements, long Offset, long Size);
