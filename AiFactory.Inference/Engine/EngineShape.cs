namespace AiFactory.Inference.Engine;

/// <summary>The size of one engine.</summary>
/// <param name="ContextLength">Tokens for one request.</param>
/// <param name="Slots">Sequences at once.</param>
/// <param name="Poll">How long a computing thread spins for work before it sleeps, see <see cref="Native.LlamaThreads.Open"/>.</param>
internal sealed record EngineShape(int ContextLength, int Slots, int BatchSize, int Threads, int Poll, int QueueLimit)
{
    /// <inheritdoc cref="EngineOptions.LongestWait"/>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromMinutes(5);

    /// <inheritdoc cref="EngineOptions.AgingInterval"/>
    public TimeSpan AgingInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <inheritdoc cref="EngineOptions.PrefixStoreBytes"/>
    public long StoreBytes { get; init; }

    /// <inheritdoc cref="EngineOptions.Adapters"/>
    public int Adapters { get; init; }

    /// <inheritdoc cref="EngineOptions.AdapterSteps"/>
    public int AdapterSteps { get; init; } = 4;

    /// <inheritdoc cref="EngineOptions.PrefillTokens"/>
    public int PrefillTokens { get; init; }

    /// <inheritdoc cref="EngineOptions.TargetInterTokenLatency"/>
    public TimeSpan TargetInterTokenLatency { get; init; } = TimeSpan.FromSeconds(1);
}
