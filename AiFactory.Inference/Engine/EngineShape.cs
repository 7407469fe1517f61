namespace AiFactory.Inference.Engine;

/// <summary>The size of one engine.</summary>
/// <param name="ContextLength">Tokens for one request.</param>
/// <param name="Slots">Sequences at once.</param>
internal sealed record EngineShape(int ContextLength, int Slots, int BatchSize, int Threads, int QueueLimit);
