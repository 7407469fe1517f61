using AiFactory.ModelGenerator.Gguf;
using AiFactory.ModelGenerator.Vocabularies;

namespace AiFactory.ModelGenerator.Models;

/// <summary>A decoder-only model with random weights: it has every part of a real one, and nothing to say.</summary>
public static class ChatModel
{
    /// <summary>The template of ChatML, as model files store it (Jinja).</summary>
    public const string ChatMl =
        "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}" +
        "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

    /// <summary>LLAMA_FTYPE_MOSTLY_Q8_0.</summary>
    private const uint Q8FileType = 7;

    public static GgufWriter Create(ChatModelOptions options)
    {
        var vocabulary = BytePairVocabulary.Train(options.Merges, options.VocabularySize);
        var writer = new GgufWriter();
        AddMetadata(writer, options, vocabulary);
        AddTensors(writer, options, vocabulary);
        return writer;
    }

    private static void AddMetadata(GgufWriter writer, ChatModelOptions options, BytePairVocabulary vocabulary)
    {
        var arch = options.Architecture;
        writer
            .Add("general.architecture", arch)
            .Add("general.type", "model")
            .Add("general.name", options.Name)
            .Add("general.author", "The AiFactory authors")
            .Add("general.version", "1")
            .Add("general.description", "Random weights, for trying the factory and for its tests.")
            .Add("general.license", "Apache-2.0")
            .Add("general.size_label", options.SizeLabel)
            .Add("general.file_type", options.Weights == GgufTensorType.Q80 ? Q8FileType : (uint)options.Weights)
            .Add("general.quantization_version", 2u)
            .Add($"{arch}.vocab_size", (uint)vocabulary.Tokens.Count)
            .Add($"{arch}.context_length", (uint)options.ContextLength)
            .Add($"{arch}.embedding_length", (uint)options.Width)
            .Add($"{arch}.block_count", (uint)options.Layers)
            .Add($"{arch}.feed_forward_length", (uint)options.FeedForward)
            .Add($"{arch}.attention.head_count", (uint)options.Heads)
            .Add($"{arch}.attention.head_count_kv", (uint)options.KeyValueHeads)
            .Add($"{arch}.attention.layer_norm_rms_epsilon", 1e-5f)
            .Add($"{arch}.rope.dimension_count", (uint)(options.Width / options.Heads))
            .Add($"{arch}.rope.freq_base", 10000f)
            .Add("tokenizer.ggml.model", "gpt2")
            .Add("tokenizer.ggml.pre", arch == "qwen2" ? "qwen2" : "gpt-2")
            .Add("tokenizer.ggml.tokens", vocabulary.Tokens)
            .Add("tokenizer.ggml.token_type", vocabulary.TokenTypes)
            .Add("tokenizer.ggml.merges", vocabulary.Merges)
            .Add("tokenizer.ggml.bos_token_id", (uint)vocabulary.EndOfText)
            .Add("tokenizer.ggml.eos_token_id", (uint)vocabulary.EndOfTurn)
            .Add("tokenizer.ggml.eot_token_id", (uint)vocabulary.EndOfTurn)
            .Add("tokenizer.ggml.padding_token_id", (uint)vocabulary.EndOfText)
            .Add("tokenizer.ggml.add_bos_token", false);
        if (options.Experts > 0)
        {
            writer.Add($"{arch}.expert_count", (uint)options.Experts).Add($"{arch}.expert_used_count", (uint)options.UsedExperts);
        }

        if (options.SlidingWindow > 0)
        {
            writer.Add($"{arch}.attention.sliding_window", (uint)options.SlidingWindow);
        }

        if (options.Temperature is { } temperature)
        {
            writer.Add("general.sampling.temp", temperature);
        }

        if (options.ChatTemplate is not null)
        {
            writer.Add("tokenizer.chat_template", options.ChatTemplate);
        }

        if (options.FillsGaps)
        {
            var turn = (uint)vocabulary.EndOfText + 1;
            writer.Add("tokenizer.ggml.fim_pre_token_id", turn).Add("tokenizer.ggml.fim_suf_token_id", (uint)vocabulary.EndOfText).Add("tokenizer.ggml.fim_mid_token_id", turn);
        }

        if (options.ToolTemplate is not null)
        {
            writer.Add("tokenizer.chat_templates", (IReadOnlyList<string>)["tool_use"]).Add("tokenizer.chat_template.tool_use", options.ToolTemplate);
        }
    }

    private static void AddTensors(GgufWriter writer, ChatModelOptions options, BytePairVocabulary vocabulary)
    {
        var weights = new SeededWeights(options.Seed);
        var (width, feedForward, vocabularySize) = (options.Width, options.FeedForward, vocabulary.Tokens.Count);
        var keyValueWidth = options.KeyValueHeads * (width / options.Heads);
        var isGemma = options.Architecture == "gemma2";
        var inner = 1f / MathF.Sqrt(width);

        Matrix("token_embd.weight", vocabularySize, width, 1f);
        for (var layer = 0; layer < options.Layers; layer++)
        {
            var block = $"blk.{layer}";
            Vector($"{block}.attn_norm.weight", width, 1f, 0.05f);
            Matrix($"{block}.attn_q.weight", width, width, 1.5f * inner);
            Matrix($"{block}.attn_k.weight", keyValueWidth, width, 1.5f * inner);
            Matrix($"{block}.attn_v.weight", keyValueWidth, width, inner);
            if (options.Architecture == "qwen2")
            {
                Vector($"{block}.attn_q.bias", width, 0f, 0.1f);
                Vector($"{block}.attn_k.bias", keyValueWidth, 0f, 0.1f);
                Vector($"{block}.attn_v.bias", keyValueWidth, 0f, 0.1f);
            }

            Matrix($"{block}.attn_output.weight", width, width, inner);
            Vector($"{block}.ffn_norm.weight", width, 1f, 0.05f);
            if (isGemma)
            {
                Vector($"{block}.post_attention_norm.weight", width, 1f, 0.05f);
                Vector($"{block}.post_ffw_norm.weight", width, 1f, 0.05f);
            }

            if (options.Experts > 0)
            {
                // The router stays in F32, as converters keep it: rounding would change who is chosen.
                writer.Add(new GgufTensor($"{block}.ffn_gate_inp.weight", GgufTensorType.F32, [width, options.Experts], weights.Matrix(options.Experts, width, inner)));
                Experts($"{block}.ffn_gate_exps.weight", feedForward, width, inner);
                Experts($"{block}.ffn_up_exps.weight", feedForward, width, inner);
                Experts($"{block}.ffn_down_exps.weight", width, feedForward, 1f / MathF.Sqrt(feedForward));
                continue;
            }

            Matrix($"{block}.ffn_gate.weight", feedForward, width, inner);
            Matrix($"{block}.ffn_up.weight", feedForward, width, inner);
            Matrix($"{block}.ffn_down.weight", width, feedForward, 1f / MathF.Sqrt(feedForward));
        }

        Vector("output_norm.weight", width, 1f, 0.05f);

        if (isGemma)
        {
            // Its output matrix is that of the tokens.
            return;
        }

        // The row of a token that must not come is all but zero: its logit stays near 0, while the best of the others is far above.
        Matrix("output.weight", vocabularySize, width, 3f * inner, token =>
            token == vocabulary.EndOfTurn ? options.EndOfTurnScale
            : vocabulary.IsControl(token) ? 0.01f
            : !options.Readable ? 1f
            : !vocabulary.IsWholeText(token) ? 0.01f
            : vocabulary.BeginsWord(token) ? 1f : 0.55f);

        void Matrix(string name, int rows, int columns, float deviation, Func<int, float>? rowScale = null) =>
            writer.Add(new GgufTensor(name, options.Weights, [columns, rows], weights.Matrix(rows, columns, deviation, rowScale)));

        // One matrix for each expert, in one tensor.
        void Experts(string name, int rows, int columns, float deviation) =>
            writer.Add(new GgufTensor(name, options.Weights, [columns, rows, options.Experts], weights.Matrix(rows * options.Experts, columns, deviation)));

        void Vector(string name, int length, float mean, float deviation) =>
            writer.Add(new GgufTensor(name, GgufTensorType.F32, [length], weights.Vector(length, mean, deviation)));
    }
}
