using System.Text.Json;
using AiFactory.Contracts.Routing;
using AiFactory.ServiceDefaults.Outcomes;

namespace AiFactory.ModelLibrary.Deployments;

/// <summary>The traffic policy of a deployment: what of it is allowed, and how it is kept.</summary>
internal static class DeploymentTraffic
{
    private const int MostTargets = 8;
    private const string StickyCaller = "caller";
    private const string StickyHeader = "header:";

    internal static string? ToJson(TrafficPolicy? policy) => policy is null ? null : JsonSerializer.Serialize(policy, JsonSerializerOptions.Web);

    internal static TrafficPolicy? Read(string? json) => json is null ? null : JsonSerializer.Deserialize<TrafficPolicy>(json, JsonSerializerOptions.Web);

    /// <summary>Whether the policy says what the one that is kept says.</summary>
    internal static bool AreSame(TrafficPolicy? policy, string? kept) => ToJson(Plain(policy)) == ToJson(Plain(Read(kept)));

    /// <summary>A policy that says nothing is none, and an empty list is none: clients fill in what was left out.</summary>
    private static TrafficPolicy? Plain(TrafficPolicy? policy)
    {
        var plain = policy is null ? null : policy with
        {
            Splits = policy.Splits is { Count: > 0 } splits ? splits : null,
            Strategy = policy.Strategy == TrafficStrategies.Weighted ? null : policy.Strategy,
            Fallbacks = policy.Fallbacks is { Count: > 0 } fallbacks ? fallbacks : null,
        };
        return plain is { Splits: null, Strategy: null, StickyBy: null, Fallbacks: null, Shadow: null } ? null : plain;
    }

    /// <summary>The deployments that it names.</summary>
    internal static IEnumerable<string> Targets(TrafficPolicy? policy) =>
        [.. (policy?.Splits ?? []).Select(split => split.Deployment), .. policy?.Fallbacks ?? [], .. policy?.Shadow is { } shadow ? [shadow.Deployment] : Array.Empty<string>()];

    /// <summary>Copies are in no budget, and their answers are thrown away.</summary>
    internal static string NoUpstream(string target) => $"'{target}' is a model of an upstream, which is paid for each request: copies go to deployments alone.";

    /// <summary>
    /// Whether it may let this target answer more than the former policy did: a larger share, or as a fallback that it was not. The soonest may get all of it, whatever its share: how soon it is
    /// depends on who is beside it, so that anything new about <c>latency</c> but less for the target may be more. And by whose choice it is may give all that have the same value of a header.
    /// </summary>
    internal static bool GivesMore(TrafficPolicy? policy, TrafficPolicy? former, string target)
    {
        return (ShareOf(policy) > 0 && MayGrow()) || (FallsBack(policy) && !FallsBack(former));

        bool MayGrow() => ShareOf(policy) > ShareOf(former)
            || policy?.StickyBy != former?.StickyBy
            || (policy?.Strategy == TrafficStrategies.Latency && (former?.Strategy != TrafficStrategies.Latency || !Others(policy).SequenceEqual(Others(former))));

        int ShareOf(TrafficPolicy? one) => (one?.Splits ?? []).Where(split => split.Deployment == target).Sum(split => split.Percent);

        IEnumerable<TrafficSplit> Others(TrafficPolicy? one) =>
            (one?.Splits ?? []).Where(split => split.Deployment != target).OrderBy(split => split.Deployment, StringComparer.Ordinal).ThenBy(split => split.Percent);

        bool FallsBack(TrafficPolicy? one) => (one?.Fallbacks ?? []).Contains(target, StringComparer.Ordinal);
    }

    /// <param name="at">What stands before the field's name, where several are checked.</param>
    internal static void Check(TrafficPolicy? policy, string name, FieldErrors errors, string at = "")
    {
        var splits = policy?.Splits ?? [];
        errors.Require(splits.Count <= MostTargets, $"{at}traffic.splits", $"Name at most {MostTargets} deployments.");
        errors.Require((policy?.Fallbacks ?? []).Count <= MostTargets, $"{at}traffic.fallbacks", $"Name at most {MostTargets} deployments.");
        errors.Require(splits.All(split => split?.Percent is >= 1 and <= 100), $"{at}traffic.splits", "Each has 1 to 100 percent.");
        errors.Require(splits.Sum(split => (long)(split?.Percent ?? 0)) <= 100, $"{at}traffic.splits", "They have more than 100 percent together.");
        errors.Require(splits.Select(split => split?.Deployment).Distinct().Count() == splits.Count, $"{at}traffic.splits", "Name each deployment once, with all of its percent.");
        errors.Require(policy?.Shadow is null or { Percent: >= 1 and <= 100 }, $"{at}traffic.shadow", "It has 1 to 100 percent.");
        errors.Require(splits.All(split => split is not null) && Targets(policy).All(target => DeploymentValidation.IsName(target) && target != name), $"{at}traffic", "Name other deployments than this one.");
        errors.Require(
            policy?.StickyBy is null or StickyCaller || (policy.StickyBy.StartsWith(StickyHeader, StringComparison.Ordinal) && IsToken(policy.StickyBy[StickyHeader.Length..])),
            $"{at}traffic.stickyBy",
            "Use 'caller' or 'header:' and a header's name, or none.");
        CheckStrategy(policy, errors, at);
    }

    private static void CheckStrategy(TrafficPolicy? policy, FieldErrors errors, string at)
    {
        var field = $"{at}traffic.strategy";
        errors.Require(policy?.Strategy is null or TrafficStrategies.Weighted or TrafficStrategies.Latency, field, "Use 'weighted' or 'latency', or none.");

        // Without several to choose among it is only without effect: so a rollout leaves it when one answers everything, and a PUT that changes something else sends it back.
        errors.Require(
            policy?.Strategy != TrafficStrategies.Latency || policy.StickyBy != StickyCaller,
            field,
            "With stickyBy 'caller' each caller stays where the shares put it, so that nothing is left to choose: use 'header:NAME' for those that have to stay, or 'weighted'.");
    }

    /// <summary>RFC 9110, section 5.6.2, of the letters that headers are made of.</summary>
    private static bool IsToken(string name) => name.Length is > 0 and <= 64 && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_');
}
