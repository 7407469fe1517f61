using System.Runtime.InteropServices;

namespace AiFactory.Inference.Native;

/// <summary>Weights in fewer bits.</summary>
internal static unsafe partial class LlamaNative
{
    [LibraryImport(Llama)] public static partial LlamaQuantizeParams llama_model_quantize_default_params();

    /// <returns>0 when it is done.</returns>
    [LibraryImport(Llama, StringMarshalling = StringMarshalling.Utf8)] public static partial uint llama_model_quantize(string input, string output, LlamaQuantizeParams* parameters);
}
