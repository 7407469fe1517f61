namespace AiFactory.Contracts.Library;

/// <summary>A page of a list, newest first unless said; <paramref name="Next"/> goes into <c>?after=</c>, null on the last page.</summary>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);
