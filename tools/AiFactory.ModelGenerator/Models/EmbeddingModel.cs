using AiFactory.ModelGenerator.Gguf;
using AiFactory.ModelGenerator.Vocabularies;

namespace AiFactory.ModelGenerator.Models;

/// <summary>An encoder of BERT's architecture with random weights: with mean pooling texts that share words come out near each other, and no more than that.</summary>
public static class EmbeddingModel
{
    private const uint RankPooling = 4;
    private const uint TokenTypes = 2;

    public static GgufWriter Create(EmbeddingModelOptions options)
    {
        var vocabulary = WordPieceVocabulary.Build();
        var writer = new GgufWriter();
        AddMetadata(writer, options, vocabulary);
        AddTensors(writer, options, vocabulary.Tokens.Count);
        return writer;
    }

    /// <summary>What a ranker multiplies the first token's last state with, shape [Width], and adds: the sum is the logit of "relevant". The other weights are those of an embedding model of the same seed.</summary>
    public static (float[] Weight, float Bias) RankHead(EmbeddingModelOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var weights = new SeededWeights(options.Seed + 1);
        return ([.. weights.Vector(options.Width, 0f, 2f / MathF.Sqrt(options.Width)).SelectMany(row => row.ToArray())], 0.25f);
    }

    private static void AddMetadata(GgufWriter writer, EmbeddingModelOptions options, WordPieceVocabulary vocabulary) => writer
        .Add("general.architecture", "bert")
        .Add("general.type", "model")
        .Add("general.name", options.Name)
        .Add("general.author", "The AiFactory authors")
        .Add("general.version", "1")
        .Add("general.description", "Random weights, for trying the factory and for its tests.")
        .Add("general.license", "Apache-2.0")
        .Add("general.size_label", "1M")
        .Add("general.file_type", 1u)
        .Add("general.quantization_version", 2u)
        .Add("bert.vocab_size", (uint)vocabulary.Tokens.Count)
        .Add("bert.context_length", (uint)options.ContextLength)
        .Add("bert.embedding_length", (uint)options.Width)
        .Add("bert.block_count", (uint)options.Layers)
        .Add("bert.feed_forward_length", (uint)options.FeedForward)
        .Add("bert.attention.head_count", (uint)options.Heads)
        .Add("bert.attention.layer_norm_epsilon", 1e-12f)
        .Add("bert.attention.causal", false)
        .Add("bert.pooling_type", options.Pooling)
        .Add("tokenizer.ggml.model", "bert")
        .Add("tokenizer.ggml.pre", "default")
        .Add("tokenizer.ggml.token_type_count", TokenTypes)
        .Add("tokenizer.ggml.tokens", vocabulary.Tokens)
        .Add("tokenizer.ggml.token_type", vocabulary.TokenTypes)
        .Add("tokenizer.ggml.scores", vocabulary.Scores)
        .Add("tokenizer.ggml.bos_token_id", WordPieceVocabulary.Classification)
        .Add("tokenizer.ggml.cls_token_id", WordPieceVocabulary.Classification)
        .Add("tokenizer.ggml.seperator_token_id", WordPieceVocabulary.Separator)
        .Add("tokenizer.ggml.padding_token_id", WordPieceVocabulary.Padding)
        .Add("tokenizer.ggml.unknown_token_id", WordPieceVocabulary.Unknown)
        .Add("tokenizer.ggml.mask_token_id", WordPieceVocabulary.Mask);

    private static void AddTensors(GgufWriter writer, EmbeddingModelOptions options, int vocabularySize)
    {
        var weights = new SeededWeights(options.Seed);
        var (width, feedForward) = (options.Width, options.FeedForward);
        var inner = 1f / MathF.Sqrt(width);

        Matrix("token_embd.weight", vocabularySize, width, 1f);

        // llama.cpp adds its first row to every token and needs it in F32.
        writer.Add(new GgufTensor("token_types.weight", GgufTensorType.F32, [width, TokenTypes], weights.Matrix((int)TokenTypes, width, 0.02f)));
        Matrix("position_embd.weight", options.ContextLength, width, 0.05f);
        Norm("token_embd_norm");
        for (var layer = 0; layer < options.Layers; layer++)
        {
            var block = $"blk.{layer}";
            Linear($"{block}.attn_q", width, width);
            Linear($"{block}.attn_k", width, width);
            Linear($"{block}.attn_v", width, width);
            Linear($"{block}.attn_output", width, width);
            Norm($"{block}.attn_output_norm");
            Linear($"{block}.ffn_up", feedForward, width);
            Linear($"{block}.ffn_down", width, feedForward);
            Norm($"{block}.layer_output_norm");
        }

        if (options.Pooling == RankPooling)
        {
            var (weight, bias) = RankHead(options);
            writer.Add(new GgufTensor("cls.output.weight", GgufTensorType.F32, [width, 1], [weight]));
            writer.Add(new GgufTensor("cls.output.bias", GgufTensorType.F32, [1], [new[] { bias }]));
        }

        void Linear(string name, int rows, int columns)
        {
            Matrix($"{name}.weight", rows, columns, columns == width ? inner : 1f / MathF.Sqrt(columns));
            Vector($"{name}.bias", rows, 0f, 0.02f);
        }

        void Norm(string name)
        {
            Vector($"{name}.weight", width, 1f, 0.05f);
            Vector($"{name}.bias", width, 0f, 0.02f);
        }

        void Matrix(string name, int rows, int columns, float deviation) =>
            writer.Add(new GgufTensor(name, GgufTensorType.F16, [columns, rows], weights.Matrix(rows, columns, deviation)));

        void Vector(string name, int length, float mean, float deviation) =>
            writer.Add(new GgufTensor(name, GgufTensorType.F32, [length], weights.Vector(length, mean, deviation)));
    }
}
