namespace AiFactory.ModelGenerator.Gguf;

/// <param name="Dimensions">Innermost first, as GGUF stores them: a matrix of <c>[rows, columns]</c> is <c>{columns, rows}</c>.</param>
/// <param name="Values">Row-major, one per element.</param>
public sealed record GgufTensor(string Name, GgufTensorType Type, IReadOnlyList<long> Dimensions, float[] Values)
{
    public long SizeBytes => Values.LongLength * (Type == GgufTensorType.F16 ? 2 : 4);
}
