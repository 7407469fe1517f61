namespace AiFactory.Benchmarks.LlamaServer;

/// <summary>What one side gave in one round. Times are in milliseconds.</summary>
internal sealed record SideFigures
{
    /// <summary>Of a request that has the server for itself, after its first token.</summary>
    public double Alone { get; init; }

    public double Together { get; init; }

    /// <summary>p99, among sixteen.</summary>
    public double InterToken { get; init; }

    /// <summary>Until sixteen cold clients, whose prompts begin alike, all have their answers.</summary>
    public double Cold { get; init; }

    public double FirstTokenCold { get; init; }

    public double FirstTokenSeen { get; init; }
}
