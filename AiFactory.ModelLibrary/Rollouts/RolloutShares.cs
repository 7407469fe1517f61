using AiFactory.Contracts.Routing;

namespace AiFactory.ModelLibrary.Rollouts;

/// <summary>A rollout's shares as those of a traffic policy. All else of the policy stays.</summary>
internal static class RolloutShares
{
    /// <summary>Who answers the name's requests: itself, or the one that has all of them since an earlier rollout. Null where several do.</summary>
    internal static string? Baseline(TrafficPolicy? policy, string name) => policy?.Splits switch
    {
        null or [] => name,
        [{ Percent: 100 } all] => all.Deployment,
        _ => null,
    };

    /// <summary>
    /// The candidate comes first, so that whoever stays with it by a sticky policy keeps to it while its share grows. What the named deployment answers itself is what is left, and stands nowhere.
    /// </summary>
    internal static TrafficPolicy? Apply(TrafficPolicy? policy, string name, string candidate, string baseline, int percent)
    {
        TrafficSplit[] splits = [.. ((TrafficSplit[])[new(candidate, percent), new(baseline, 100 - percent)]).Where(split => split.Percent > 0 && split.Deployment != name)];
        var after = (policy ?? new TrafficPolicy()) with { Splits = splits.Length == 0 ? null : splits };
        return after is { Splits: null, Strategy: not TrafficStrategies.Latency, StickyBy: null, Shadow: null, Fallbacks: null or { Count: 0 } } ? null : after;
    }
}
