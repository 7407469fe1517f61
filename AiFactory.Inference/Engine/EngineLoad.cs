namespace AiFactory.Inference.Engine;

/// <summary>What an engine does at this moment.</summary>
/// <param name="CacheTokens">Tokens in the cache.</param>
/// <param name="CacheCapacity">Tokens that it can hold.</param>
internal readonly record struct EngineLoad(int Running, int Waiting, int CacheTokens, int CacheCapacity)
{
    public static EngineLoad operator +(EngineLoad left, EngineLoad right) =>
        new(left.Running + right.Running, left.Waiting + right.Waiting, left.CacheTokens + right.CacheTokens, left.CacheCapacity + right.CacheCapacity);
}
