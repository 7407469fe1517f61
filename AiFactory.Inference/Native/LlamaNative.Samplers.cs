using System.Runtime.InteropServices;

namespace AiFactory.Inference.Native;

/// <summary>llama.cpp's samplers. The worker has its own (<c>Engine/Sampling</c>, <c>Grammars</c>); these are what the tests compare them with.</summary>
internal static unsafe partial class LlamaNative
{
    [LibraryImport(Llama)] public static partial LlamaSamplerChainParams llama_sampler_chain_default_params();
    [LibraryImport(Llama)] public static partial nint llama_sampler_chain_init(LlamaSamplerChainParams parameters);
    [LibraryImport(Llama)] public static partial void llama_sampler_chain_add(nint chain, nint sampler);
    [LibraryImport(Llama)] public static partial void llama_sampler_accept(nint sampler, int token);
    [LibraryImport(Llama)] public static partial void llama_sampler_free(nint sampler);
    [LibraryImport(Llama)] public static partial int llama_sampler_sample(nint sampler, nint context, int index);
    [LibraryImport(Llama)] public static partial nint llama_sampler_init_greedy();
    [LibraryImport(Llama)] public static partial nint llama_sampler_init_dist(uint seed);
    [LibraryImport(Llama)] public static partial nint llama_sampler_init_top_k(int k);
    [LibraryImport(Llama)] public static partial nint llama_sampler_init_top_p(float p, nuint minKeep);
    [LibraryImport(Llama)] public static partial nint llama_sampler_init_min_p(float p, nuint minKeep);
    [LibraryImport(Llama)] public static partial nint llama_sampler_init_temp(float temperature);
    [LibraryImport(Llama)] public static partial nint llama_sampler_init_penalties(int vocabularySize, int lastTokens, float repeat, float frequency, float presence);
    [LibraryImport(Llama)] public static partial void llama_sampler_apply(nint sampler, nint candidates);
    [LibraryImport(Llama)] public static partial nint llama_sampler_init_typical(float p, nuint minKeep);
    [LibraryImport(Llama, StringMarshalling = StringMarshalling.Utf8)] public static partial nint llama_sampler_init_grammar(nint vocabulary, string grammar, string root);
}
