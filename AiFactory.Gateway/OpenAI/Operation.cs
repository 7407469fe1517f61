using AiFactory.Contracts;

namespace AiFactory.Gateway.OpenAI;

/// <summary>What a client can ask of a model, and the tasks of which the model must have one for it.</summary>
/// <param name="Name">The value of <c>gen_ai.operation.name</c>.</param>
/// <param name="Path">Relative to the gateway's and to a replica's base address.</param>
internal sealed record Operation(int Index, string Name, string Path, params string[] Tasks)
{
    public static Operation ChatCompletion { get; } = new(0, "chat", "v1/chat/completions", ModelTasks.Chat);

    public static Operation Completion { get; } = new(1, "text_completion", "v1/completions", ModelTasks.Chat);

    public static Operation Embedding { get; } = new(2, "embeddings", "v1/embeddings", ModelTasks.Embedding);

    /// <summary>What has no head for ranking ranks by the cosine of its embeddings.</summary>
    public static Operation Rerank { get; } = new(3, "rerank", "v1/rerank", ModelTasks.Rerank, ModelTasks.Embedding);

    public static Operation Response { get; } = new(4, "chat", "v1/responses", ModelTasks.Chat);

    /// <summary>By <see cref="Index"/>.</summary>
    public static Operation[] All { get; } = [ChatCompletion, Completion, Embedding, Rerank, Response];
}
