namespace AiFactory.Contracts.OpenAI;

/// <param name="Index">Which of the request's documents.</param>
/// <param name="RelevanceScore">0 to 1 from a ranker; the cosine, -1 to 1, from an embedding model.</param>
/// <param name="Document">Only when it was asked for.</param>
public sealed record RerankResult(int Index, double RelevanceScore, RerankDocument? Document = null);
