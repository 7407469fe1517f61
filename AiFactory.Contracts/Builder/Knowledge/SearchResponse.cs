namespace AiFactory.Contracts.Builder.Knowledge;

/// <param name="Results">The best first.</param>
/// <param name="Index">One of <see cref="SearchIndexes"/>.</param>
public sealed record SearchResponse(IReadOnlyList<Passage> Results, string Index, double Milliseconds);
