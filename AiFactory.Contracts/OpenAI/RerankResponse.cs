namespace AiFactory.Contracts.OpenAI;

/// <param name="Object"><c>list</c>.</param>
/// <param name="Results">The most relevant first.</param>
public sealed record RerankResponse(string Id, string Object, string Model, IReadOnlyList<RerankResult> Results, Usage Usage);
