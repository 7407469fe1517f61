namespace AiFactory.ModelGenerator.Gguf;

/// <summary>The tensor types that the writer knows, with ggml's numbers.</summary>
public enum GgufTensorType
{
    F32 = 0,
    F16 = 1,
}
