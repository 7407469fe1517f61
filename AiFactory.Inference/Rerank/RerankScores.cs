using AiFactory.Contracts.OpenAI;

namespace AiFactory.Inference.Rerank;

internal sealed record RerankScores(string Model, IReadOnlyList<double> Values, Usage Usage);
