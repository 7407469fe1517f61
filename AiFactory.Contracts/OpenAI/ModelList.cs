namespace AiFactory.Contracts.OpenAI;

/// <param name="Object"><c>list</c>.</param>
public sealed record ModelList(string Object, IReadOnlyList<ModelEntry> Data);
