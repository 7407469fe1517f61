using System.Runtime.InteropServices;

namespace AiFactory.Inference.Native;

/// <summary>A chain of samplers with the state of one sequence: its penalties' window and its random numbers.</summary>
internal sealed class LlamaSampler : SafeHandle
{
    private LlamaSampler(nint chain)
        : base(nint.Zero, ownsHandle: true) => SetHandle(chain);

    public override bool IsInvalid => handle == nint.Zero;

    /// <param name="prompt">The prompt's tokens, which the repetition penalty counts too.</param>
    /// <param name="window">Tokens that penalties look back on: the whole context.</param>
    public static LlamaSampler Open(LlamaModel model, LlamaSamplerOptions options, ReadOnlySpan<int> prompt, int window)
    {
        var sampler = new LlamaSampler(LlamaNative.llama_sampler_chain_init(LlamaNative.llama_sampler_chain_default_params()));
        if (options.RepetitionPenalty != 1f)
        {
            var repetition = LlamaNative.llama_sampler_init_penalties(model.VocabularySize, window, options.RepetitionPenalty, 0f, 0f);
            foreach (var token in prompt)
            {
                LlamaNative.llama_sampler_accept(repetition, token);
            }

            sampler.Add(repetition);
        }

        if (options.FrequencyPenalty != 0f || options.PresencePenalty != 0f)
        {
            sampler.Add(LlamaNative.llama_sampler_init_penalties(model.VocabularySize, window, 1f, options.FrequencyPenalty, options.PresencePenalty));
        }

        if (options.Temperature <= 0f)
        {
            sampler.Add(LlamaNative.llama_sampler_init_greedy());
            return sampler;
        }

        if (options.TopK > 0)
        {
            sampler.Add(LlamaNative.llama_sampler_init_top_k(options.TopK));
        }

        if (options.TopP < 1f)
        {
            sampler.Add(LlamaNative.llama_sampler_init_top_p(options.TopP, 1));
        }

        if (options.MinP > 0f)
        {
            sampler.Add(LlamaNative.llama_sampler_init_min_p(options.MinP, 1));
        }

        sampler.Add(LlamaNative.llama_sampler_init_temp(options.Temperature));
        sampler.Add(LlamaNative.llama_sampler_init_dist(options.Seed));
        return sampler;
    }

    /// <summary>Chooses a token from the logits of one place of the last batch, and remembers it for the penalties.</summary>
    public int Sample(LlamaContext context, LlamaBatchBuffer batch, int index) => batch.HasOutput(index)
        ? LlamaNative.llama_sampler_sample(handle, context.Pointer, index)
        : throw new ArgumentOutOfRangeException(nameof(index), index, "No logits were asked for there.");

    protected override bool ReleaseHandle()
    {
        LlamaNative.llama_sampler_free(handle);
        return true;
    }

    private void Add(nint sampler) => LlamaNative.llama_sampler_chain_add(handle, sampler);
}
