using System.Text.Json;
using AiFactory.Contracts.OpenAI;

namespace AiFactory.Contracts.Infer;

/// <summary>The answer of <c>POST /infer</c>, the same shape for every kind of model.</summary>
/// <param name="Task"><c>chat</c> or <c>embedding</c>: which of OpenAI's answers <paramref name="Output"/> is.</param>
public sealed record InferResponse(string Model, string Task, JsonElement Output, Usage? Usage);
