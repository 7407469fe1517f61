using AiFactory.Contracts;
using AiFactory.Gateway.Registry;

namespace AiFactory.Gateway.OpenAI;

/// <summary>What a client can ask of a model, and the tasks of which the model must have one for it.</summary>
/// <param name="Name">The value of <c>gen_ai.operation.name</c>.</param>
/// <param name="Path">Relative to the gateway's and to a replica's base address.</param>
internal sealed record Operation(int Index, string Name, string Path, params string[] Tasks)
{
    /// <summary>Of one whose path is not the same for every model.</summary>
    public const int NoIndex = -1;

    /// <summary>Stands in such a path for the name of the deployment that answers.</summary>
    public const string ModelInPath = "{model}";

    public static Operation ChatCompletion { get; } = new(0, "chat", "v1/chat/completions", ModelTasks.Chat) { Generates = true };

    public static Operation Completion { get; } = new(1, "text_completion", "v1/completions", ModelTasks.Chat) { Generates = true, Scope = ModelOperations.Completions };

    public static Operation Embedding { get; } = new(2, "embeddings", "v1/embeddings", ModelTasks.Embedding) { TakesTokens = true };

    /// <summary>What has no head for ranking ranks by the cosine of its embeddings.</summary>
    public static Operation Rerank { get; } = new(3, "rerank", "v1/rerank", ModelTasks.Rerank, ModelTasks.Embedding) { IsOptional = true, TakesTokens = true };

    public static Operation Response { get; } = new(4, "chat", "v1/responses", ModelTasks.Chat) { IsOptional = true, Generates = true };

    /// <summary>The path without its version, as <c>chat/completions</c>.</summary>
    public string Route { get; } = Path.StartsWith("v1/", StringComparison.Ordinal) ? Path["v1/".Length..] : Path;

    /// <summary>vLLM's name for ranking pairs of texts.</summary>
    public static Operation Score { get; } = new(5, "rerank", "v1/score", ModelTasks.Rerank, ModelTasks.Embedding) { IsOptional = true, TakesTokens = true };

    /// <summary>vLLM's, and the next two.</summary>
    public static Operation Tokenize { get; } = new(6, "tokenize", "tokenize", ModelTasks.Chat, ModelTasks.Embedding, ModelTasks.Rerank) { IsOptional = true };

    public static Operation Detokenize { get; } = new(7, "detokenize", "detokenize", ModelTasks.Chat, ModelTasks.Embedding, ModelTasks.Rerank) { IsOptional = true, Scope = ModelOperations.Tokenize };

    public static Operation ApplyTemplate { get; } = new(8, "apply_template", "apply-template", ModelTasks.Chat) { IsOptional = true, Scope = ModelOperations.Tokenize };

    /// <summary>Of a model; what a project's own rules say of a text, <see cref="Moderations.ModerationHandler"/> answers.</summary>
    public static Operation Moderation { get; } = new(9, "moderation", "v1/moderations", ModelTasks.Moderation) { TakesTokens = true, Scope = ModelOperations.Moderations, HasOwnHandler = true };

    /// <summary>The same of a project's own rules: no model computes anything for it.</summary>
    public static Operation RuleModeration { get; } = Moderation with { TakesTokens = false };

    public static Operation Image { get; } = new(10, "image_generation", "v1/images/generations", ModelTasks.Image) { TakesTokens = true, Scope = ModelOperations.Images, HasOwnHandler = true };

    /// <summary>A service of <c>models.yaml</c> that takes the envelope of <c>POST /api/infer</c>; where, its entry says.</summary>
    public static Operation Infer { get; } = new(NoIndex, "infer", "infer", StaticModel.InferTask);

    /// <summary>Those with a route of the same path here, by <see cref="Index"/>.</summary>
    public static Operation[] All { get; } = [ChatCompletion, Completion, Embedding, Rerank, Response, Score, Tokenize, Detokenize, ApplyTemplate, Moderation, Image];

    /// <summary>What a key's scope calls it: one of <see cref="ModelOperations"/>.</summary>
    public string Scope { get; init; } = Name;

    /// <summary>What a replica is asked, where the path names the model and the body is the replica's alone to read; null where it is the body that names the model.</summary>
    public ArraySegment<byte>? Body { get; init; }

    /// <summary>Not every engine has it: one that answers 404 may have the model all the same.</summary>
    public bool IsOptional { get; init; }

    /// <summary>Whether its answers are made token by token.</summary>
    public bool Generates { get; init; }

    /// <summary>Whether another room than this takes it from clients, and asks here.</summary>
    public bool HasOwnHandler { get; init; }

    /// <summary>Whether models compute tokens for it, which limits reserve before.</summary>
    public bool TakesTokens { get => field || Generates; init; }

    /// <summary>How a replica is asked.</summary>
    public string Method { get; init; } = HttpMethods.Post;
}
