using System.Runtime.InteropServices;

namespace AiFactory.Inference.Native;

/// <summary><c>struct llama_sampler_chain_params</c>, 1 byte.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct LlamaSamplerChainParams
{
    public byte NoPerformance;
}
