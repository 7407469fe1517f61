namespace AiFactory.Contracts.Builder.Knowledge;

/// <param name="Limit">1 to 50; 5 when null.</param>
/// <param name="Mode">One of <see cref="SearchModes"/>; hybrid when null.</param>
/// <param name="Documents">Names of the documents to search, at most 100; all of them when null or empty.</param>
public sealed record SearchRequest(string Query, int? Limit, string? Mode, IReadOnlyList<string>? Documents = null);
