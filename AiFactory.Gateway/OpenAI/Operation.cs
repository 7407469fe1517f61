using AiFactory.Contracts;

namespace AiFactory.Gateway.OpenAI;

/// <summary>What a client can ask of a model, and the task that the model must have for it.</summary>
/// <param name="Name">The value of <c>gen_ai.operation.name</c>.</param>
/// <param name="Path">Relative to the gateway's and to a replica's base address.</param>
internal sealed record Operation(int Index, string Name, string Path, string Task)
{
    public static Operation ChatCompletion { get; } = new(0, "chat", "v1/chat/completions", ModelTasks.Chat);

    public static Operation Completion { get; } = new(1, "text_completion", "v1/completions", ModelTasks.Chat);

    public static Operation Embedding { get; } = new(2, "embeddings", "v1/embeddings", ModelTasks.Embedding);

    /// <summary>By <see cref="Index"/>.</summary>
    public static Operation[] All { get; } = [ChatCompletion, Completion, Embedding];
}
