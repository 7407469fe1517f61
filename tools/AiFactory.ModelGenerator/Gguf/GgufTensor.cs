namespace AiFactory.ModelGenerator.Gguf;

/// <param name="Dimensions">Innermost first, as GGUF stores them: a matrix of <c>[rows, columns]</c> is <c>{columns, rows}</c>.</param>
/// <param name="Rows">Whole rows, each as long as the first dimension, one after the other while the file is written. A row may be used again for the next.</param>
public sealed record GgufTensor(string Name, GgufTensorType Type, IReadOnlyList<long> Dimensions, IEnumerable<ReadOnlyMemory<float>> Rows)
{
    public long RowLength => Dimensions[0];

    public long RowCount => Dimensions.Skip(1).Aggregate(1L, (product, dimension) => product * dimension);

    public long SizeBytes => RowCount * GgufRow.SizeBytes(Type, RowLength);
}
