using AiFactory.Contracts;
using AiFactory.Inference.Weights.Gguf;

namespace AiFactory.Inference.Weights;

/// <summary>What a model is for, where nobody said: as the library's scanner tells it.</summary>
internal static class ModelTaskRule
{
    /// <summary>What names the pooling 4 ranks. Else encoders embed; so does a decoder that names a pooling (1 mean, 2 CLS, 3 last).</summary>
    public static string Of(GgufHeader header)
    {
        var architecture = header.Architecture;
        return header.Integer($"{architecture}.pooling_type") is 4 ? ModelTasks.Rerank
            : architecture.Contains("bert", StringComparison.Ordinal) || architecture is "t5encoder" or "gemma-embedding" || header.Integer($"{architecture}.pooling_type") is 1 or 2 or 3 ? ModelTasks.Embedding
            : ModelTasks.Chat;
    }
}
