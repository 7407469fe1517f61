using System.Text.Json;

namespace AiFactory.Contracts.Infer;

/// <summary><c>POST /infer</c>: one envelope for every kind of model, for example <c>{"model":"demo-embed","payload":{"input":"a text"}}</c>.</summary>
/// <param name="Payload">The input as the model's own OpenAI route takes it, without <c>model</c> and without streaming.</param>
public sealed record InferRequest(string? Model, JsonElement? Payload);
