using System.Runtime.InteropServices;

namespace AiFactory.Inference.Native;

/// <summary><c>llama_model_quantize_params</c>, 64 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct LlamaQuantizeParams
{
    public int Threads;

    /// <summary><c>llama_ftype</c>.</summary>
    public int FileType;

    /// <summary><c>ggml_type</c>; the default leaves it to llama.cpp.</summary>
    public int OutputTensorType;
    public int TokenEmbeddingType;
    public byte AllowRequantize;
    public byte QuantizeOutputTensor;
    public byte OnlyCopy;
    public byte Pure;
    public byte KeepSplit;
    public byte DryRun;
    public nint ImportanceMatrix;
    public nint MetadataOverrides;
    public nint TensorOverrides;
    public nint PruneLayers;
    public nuint MaxBufferBytes;
}
