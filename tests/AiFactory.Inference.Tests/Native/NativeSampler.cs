using System.Runtime.InteropServices;
using AiFactory.Inference.Native;

namespace AiFactory.Inference.Tests.Native;

/// <summary>llama.cpp's own chain of samplers: what <see cref="Engine.Sampling.TokenSampler"/> is compared with.</summary>
internal sealed class NativeSampler : SafeHandle
{
    private NativeSampler(nint chain)
        : base(nint.Zero, ownsHandle: true) => SetHandle(chain);

    public override bool IsInvalid => handle == nint.Zero;

    /// <param name="prompt">The prompt's tokens, which the repetition penalty counts too.</param>
    /// <param name="window">Tokens that penalties look back on: the whole context.</param>
    public static NativeSampler Open(LlamaModel model, LlamaSamplerOptions options, ReadOnlySpan<int> prompt, int window) => Open(model.VocabularySize, options, prompt, window);

    /// <inheritdoc cref="Open(LlamaModel, LlamaSamplerOptions, ReadOnlySpan{int}, int)"/>
    public static NativeSampler Open(int vocabularySize, LlamaSamplerOptions options, ReadOnlySpan<int> prompt, int window)
    {
        var sampler = new NativeSampler(LlamaNative.llama_sampler_chain_init(LlamaNative.llama_sampler_chain_default_params()));
        if (options.RepetitionPenalty != 1f)
        {
            var repetition = LlamaNative.llama_sampler_init_penalties(vocabularySize, window, options.RepetitionPenalty, 0f, 0f);
            foreach (var token in prompt)
            {
                LlamaNative.llama_sampler_accept(repetition, token);
            }

            sampler.Add(repetition);
        }

        if (options.FrequencyPenalty != 0f || options.PresencePenalty != 0f)
        {
            sampler.Add(LlamaNative.llama_sampler_init_penalties(vocabularySize, window, 1f, options.FrequencyPenalty, options.PresencePenalty));
        }

        if (options.Temperature <= 0f)
        {
            sampler.Add(LlamaNative.llama_sampler_init_greedy());
            return sampler;
        }

        sampler.AddFilters(options);
        sampler.Add(LlamaNative.llama_sampler_init_temp(options.Temperature));
        sampler.Add(LlamaNative.llama_sampler_init_dist(options.Seed));
        return sampler;
    }

    /// <summary>Only what narrows the tokens to choose from.</summary>
    public static NativeSampler OpenFilters(LlamaSamplerOptions options)
    {
        var sampler = new NativeSampler(LlamaNative.llama_sampler_chain_init(LlamaNative.llama_sampler_chain_default_params()));
        sampler.AddFilters(options);
        return sampler;
    }

    /// <returns>The tokens that are left.</returns>
    public HashSet<int> Apply(float[] logits) => Apply(handle, logits);

    /// <returns>The logits of the tokens that are left, as they are drawn by.</returns>
    public Dictionary<int, float> Change(float[] logits) => Read(handle, logits).Left;

    /// <returns>The token that is chosen.</returns>
    public int Choose(float[] logits) => Read(handle, logits).Selected;

    public void Accept(int token) => LlamaNative.llama_sampler_accept(handle, token);

    /// <param name="sampler">Any of llama.cpp's.</param>
    /// <returns>The tokens that are left: neither taken out nor given negative infinity.</returns>
    public static HashSet<int> Apply(nint sampler, float[] logits) => [.. Read(sampler, logits).Left.Keys];

    private static (Dictionary<int, float> Left, int Selected) Read(nint sampler, float[] logits)
    {
        // struct llama_token_data { int id; float logit; float p; } and struct llama_token_data_array { data*, size, selected, sorted }.
        var data = Marshal.AllocHGlobal(logits.Length * 12);
        var array = Marshal.AllocHGlobal(32);
        try
        {
            var words = new int[logits.Length * 3];
            for (var token = 0; token < logits.Length; token++)
            {
                (words[token * 3], words[(token * 3) + 1]) = (token, BitConverter.SingleToInt32Bits(logits[token]));
            }

            Marshal.Copy(words, 0, data, words.Length);

            Marshal.WriteIntPtr(array, 0, data);
            Marshal.WriteInt64(array, 8, logits.Length);
            Marshal.WriteInt64(array, 16, -1);
            Marshal.WriteInt64(array, 24, 0);
            LlamaNative.llama_sampler_apply(sampler, array);
            var left = Marshal.ReadIntPtr(array, 0);
            var selected = Marshal.ReadInt64(array, 16);
            var count = (int)Marshal.ReadInt64(array, 8);
            Marshal.Copy(left, words, 0, count * 3);
            var tokens = Enumerable.Range(0, count).Select(index => (Token: words[index * 3], Logit: BitConverter.Int32BitsToSingle(words[(index * 3) + 1]))).ToList();
            return (tokens.Where(token => !float.IsNegativeInfinity(token.Logit)).ToDictionary(token => token.Token, token => token.Logit), selected < 0 ? -1 : tokens[(int)selected].Token);
        }
        finally
        {
            Marshal.FreeHGlobal(data);
            Marshal.FreeHGlobal(array);
        }
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

    private void AddFilters(LlamaSamplerOptions options)
    {
        if (options.TopK > 0)
        {
            Add(LlamaNative.llama_sampler_init_top_k(options.TopK));
        }

        if (options.TypicalP < 1f)
        {
            Add(LlamaNative.llama_sampler_init_typical(options.TypicalP, 1));
        }

        if (options.TopP < 1f)
        {
            Add(LlamaNative.llama_sampler_init_top_p(options.TopP, 1));
        }

        if (options.MinP > 0f)
        {
            Add(LlamaNative.llama_sampler_init_min_p(options.MinP, 1));
        }
    }
}
