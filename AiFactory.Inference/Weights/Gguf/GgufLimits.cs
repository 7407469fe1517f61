namespace AiFactory.Inference.Weights.Gguf;

/// <summary>What a file may ask of the reader. Real models stay far below each of them.</summary>
internal static class GgufLimits
{
    /// <summary>llama.cpp compares each key with all before it, and each tensor's name: more of them is time, not weights.</summary>
    public const int Entries = 4_096;

    public const int Tensors = 32_768;
    public const int KeyBytes = 256;

    /// <summary>Of one text, such as a chat template.</summary>
    public const int TextBytes = 1 << 20;

    /// <summary>Of one text inside an array, such as a token.</summary>
    public const int ElementBytes = 1 << 14;

    public const int ArrayElements = 8_000_000;

    /// <summary>The largest known have some 260,000.</summary>
    public const int VocabularyTokens = 1 << 20;

    public const int KeptNumbers = 1_024;

    /// <summary>ggml holds 64 with the closing zero.</summary>
    public const int TensorNameBytes = 63;

    public const int Dimensions = 4;
    public const int Alignment = 1 << 16;

    /// <summary>Of all that comes before the tensors' data.</summary>
    public const long HeaderBytes = 256L << 20;

    /// <summary>llama.cpp's LLAMA_MAX_LAYERS and LLAMA_MAX_EXPERTS.</summary>
    public const int Layers = 512;

    public const int Experts = 512;
}
