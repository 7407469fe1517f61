namespace AiFactory.Contracts.Builder.Knowledge;

/// <param name="Limit">1 to 50; 5 when null.</param>
/// <param name="Mode">One of <see cref="SearchModes"/>; hybrid when null.</param>
public sealed record SearchRequest(string Query, int? Limit, string? Mode);
