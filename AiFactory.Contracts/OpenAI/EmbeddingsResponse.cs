namespace AiFactory.Contracts.OpenAI;

/// <param name="Object"><c>list</c>.</param>
/// <param name="Data">One for each input, in the order of the inputs.</param>
public sealed record EmbeddingsResponse(string Object, IReadOnlyList<EmbeddingData> Data, string Model, Usage Usage);
