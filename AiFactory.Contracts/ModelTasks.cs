namespace AiFactory.Contracts;

/// <summary>What a model can do for a client.</summary>
public static class ModelTasks
{
    public const string Chat = "chat";
    public const string Embedding = "embedding";

    /// <summary>Says how well documents fit a query.</summary>
    public const string Rerank = "rerank";

    /// <summary>Says what in texts or images ought not to be there.</summary>
    public const string Moderation = "moderation";

    /// <summary>Makes images of prompts.</summary>
    public const string Image = "image";
}
