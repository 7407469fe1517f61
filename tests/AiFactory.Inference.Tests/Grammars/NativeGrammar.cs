using AiFactory.Inference.Native;
using AiFactory.Inference.Tests.Native;

namespace AiFactory.Inference.Tests.Grammars;

/// <summary>llama.cpp's own grammar sampler, for grammars that are known to be fine: with others, or with a token that it refuses, it ends the process.</summary>
internal sealed class NativeGrammar : IDisposable
{
    private readonly nint _sampler;
    private readonly int _tokens;

    public NativeGrammar(LlamaModel model, string grammar)
    {
        _tokens = model.VocabularySize;
        _sampler = LlamaNative.llama_sampler_init_grammar(LlamaNative.llama_model_get_vocab(model.Pointer), grammar, "root");
        _sampler.ShouldNotBe(nint.Zero);
    }

    /// <returns>The tokens that may follow, ends of the answer among them.</returns>
    public HashSet<int> GetAllowed() => NativeSampler.Apply(_sampler, new float[_tokens]);

    /// <param name="token">One that is allowed.</param>
    public void Accept(int token) => LlamaNative.llama_sampler_accept(_sampler, token);

    public void Dispose() => LlamaNative.llama_sampler_free(_sampler);
}
