namespace AiFactory.Contracts.OpenAI;

/// <param name="Object"><c>embedding</c>.</param>
/// <param name="Embedding">A <c>float[]</c>, or with <c>encoding_format</c> <c>base64</c> a string: the floats' little-endian bytes. Read from JSON it is a JsonElement.</param>
public sealed record EmbeddingData(string Object, int Index, object Embedding);
