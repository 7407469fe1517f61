namespace AiFactory.Contracts;

/// <summary>What an API key can be limited to, in the words of its scope; the gateway's routes each belong to one.</summary>
public static class ModelOperations
{
    /// <summary>Chat completions, responses and Anthropic's messages.</summary>
    public const string Chat = "chat";

    /// <summary>A prompt that is continued.</summary>
    public const string Completions = "completions";

    public const string Embeddings = "embeddings";

    /// <summary>Ranking documents, and scoring pairs of texts.</summary>
    public const string Rerank = "rerank";

    /// <summary>Tokens of a text and back, and the chat template.</summary>
    public const string Tokenize = "tokenize";

    /// <summary>KServe's protocol, and services that take the envelope of <c>/api/infer</c> themselves.</summary>
    public const string Infer = "infer";

    public const string Moderations = "moderations";

    /// <summary>Images made of prompts.</summary>
    public const string Images = "images";

    public static IReadOnlyList<string> All { get; } = [Chat, Completions, Embeddings, Rerank, Tokenize, Infer, Moderations, Images];
}
