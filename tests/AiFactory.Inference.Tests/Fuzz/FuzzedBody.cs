namespace AiFactory.Inference.Tests.Fuzz;

/// <summary>A request that was made from a valid one.</summary>
/// <param name="Kind">What was done to it.</param>
/// <param name="IsWrong">Whether nothing can answer it; others may still be valid.</param>
internal sealed record FuzzedBody(int Seed, string Kind, string Route, byte[] Bytes, string? ContentType, bool IsChunked, bool IsWrong);
