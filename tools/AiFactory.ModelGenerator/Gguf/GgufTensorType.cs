namespace AiFactory.ModelGenerator.Gguf;

/// <summary>The tensor types that the writer knows, with ggml's numbers.</summary>
public enum GgufTensorType
{
    F32 = 0,
    F16 = 1,

    /// <summary>Q8_0: blocks of 32 values, a scale (F16) and 32 signed bytes. A row is a whole number of blocks.</summary>
    Q80 = 8,
}
