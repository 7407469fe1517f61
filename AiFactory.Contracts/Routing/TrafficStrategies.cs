namespace AiFactory.Contracts.Routing;

/// <summary>How it is chosen which of a policy's deployments answers.</summary>
public static class TrafficStrategies
{
    /// <summary>By their shares.</summary>
    public const string Weighted = "weighted";

    /// <summary>By how soon they answered lately: who has a share takes part, and those that are alike soon have what their shares say.</summary>
    public const string Latency = "latency";
}
