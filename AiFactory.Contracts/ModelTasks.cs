namespace AiFactory.Contracts;

/// <summary>What a model can do for a client.</summary>
public static class ModelTasks
{
    public const string Chat = "chat";
    public const string Embedding = "embedding";
}
