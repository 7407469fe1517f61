namespace AiFactory.Contracts.Builder.Knowledge;

/// <summary>The way of a document: queued, parsing, embedding, ready; or failed, with the reason in <see cref="DocumentResponse.Error"/>.</summary>
public static class DocumentStates
{
    public const string Queued = "queued";
    public const string Parsing = "parsing";
    public const string Embedding = "embedding";

    /// <summary>Only now its passages are found.</summary>
    public const string Ready = "ready";

    public const string Failed = "failed";
}
