namespace AiFactory.Inference.Weights.Gguf;

/// <summary>A metadata value. Of an array only its shape is kept, and the numbers of a short one.</summary>
internal abstract record GgufValue
{
    private GgufValue()
    {
    }

    /// <param name="Value">What lies beyond is cut to the largest.</param>
    public sealed record Integer(GgufValueType Type, long Value) : GgufValue;

    /// <param name="IsSingle">Whether it is a float32.</param>
    public sealed record Real(double Value, bool IsSingle) : GgufValue;

    public sealed record Flag(bool Value) : GgufValue;

    public sealed record Text(string Value) : GgufValue;

    /// <param name="Numbers">Of an array of up to <see cref="GgufLimits.KeptNumbers"/> whole numbers; null of any other.</param>
    /// <param name="ByteTokens">Of a vocabulary: the texts that stand for one byte, <c>&lt;0x0A&gt;</c>.</param>
    public sealed record Sequence(GgufValueType ElementType, long Count, IReadOnlyList<long>? Numbers, int ByteTokens = 0) : GgufValue;
}
