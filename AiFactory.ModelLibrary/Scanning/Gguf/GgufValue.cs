namespace AiFactory.ModelLibrary.Scanning.Gguf;

/// <summary>A metadata value and where it began. Of an array only its shape is kept: a vocabulary has no bound that memory could rely on.</summary>
internal abstract record GgufValue(long Offset)
{
    internal sealed record Integer(long Offset, GgufValueType Type, Int128 Value) : GgufValue(Offset);

    internal sealed record Real(long Offset, double Value) : GgufValue(Offset);

    internal sealed record Flag(long Offset, bool Value) : GgufValue(Offset);

    internal sealed record Text(long Offset, string Value) : GgufValue(Offset);

    internal sealed record Sequence(long Offset, GgufValueType ElementType, long Count) : GgufValue(Offset);
}
