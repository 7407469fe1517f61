namespace AiFactory.Inference.Engine;

/// <summary>What an engine does at this moment.</summary>
/// <param name="CacheTokens">Tokens in the cache.</param>
/// <param name="CacheCapacity">Tokens that it can hold.</param>
internal readonly record struct EngineLoad(int Running, int Waiting, int CacheTokens, int CacheCapacity);
