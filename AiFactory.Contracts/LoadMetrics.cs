namespace AiFactory.Contracts;

/// <summary>
/// What a server tells of its load in <see cref="WireHeaders.Load"/>. The first two are vLLM's names in that header (https://docs.vllm.ai/en/stable/api/vllm/entrypoints/openai/orca_metrics/); it does not tell there
/// how many requests it computes, which has the name here that it has among vLLM's metrics.
/// </summary>
public static class LoadMetrics
{
    /// <summary>What is no field of the standard's report goes into its map of this name.</summary>
    public const string Map = "named_metrics";

    /// <summary>Share of the cache in use, 0 to 1.</summary>
    public const string CacheUse = "kv_cache_usage_perc";

    /// <summary>Requests that wait for a slot.</summary>
    public const string Waiting = "num_requests_waiting";

    /// <summary>Requests that have one.</summary>
    public const string Running = "num_requests_running";
}
