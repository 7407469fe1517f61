using System.Runtime.CompilerServices;

namespace AiFactory.Inference.Native;

internal static unsafe class LlamaQuantizer
{
    /// <summary>Seconds for each gigabyte; cannot be broken off.</summary>
    /// <param name="fileType"><c>llama_ftype</c>.</param>
    /// <exception cref="LlamaException">With what llama.cpp said.</exception>
    public static void Quantize(string input, string output, int fileType, int threads)
    {
        var parameters = LlamaNative.llama_model_quantize_default_params();
        if (Unsafe.SizeOf<LlamaQuantizeParams>() != 64 || parameters is not { AllowRequantize: 0, QuantizeOutputTensor: 1, OnlyCopy: 0, DryRun: 0, ImportanceMatrix: 0 })
        {
            throw new LlamaException($"The llama.cpp library beside the worker is not release {LlamaRuntime.Release}: its parameters have another layout.");
        }

        parameters.FileType = fileType;
        parameters.Threads = threads;
        LlamaLog.BeginCapture();
        var code = LlamaNative.llama_model_quantize(input, output, &parameters);
        var said = LlamaLog.EndCapture();
        if (code != 0)
        {
            throw new LlamaException($"llama.cpp could not quantise the weights: {(said is [.., var last] ? last : $"code {code}")}");
        }
    }
}
