using AiFactory.Contracts.OpenAI;

namespace AiFactory.Builder.Models;

/// <param name="Vectors">One for each input, in the order of the inputs.</param>
internal sealed record Embeddings(IReadOnlyList<float[]> Vectors, Usage Usage);
