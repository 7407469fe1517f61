using System.Text.Json;
using AiFactory.Contracts.Routing;
using AiFactory.ServiceDefaults.Outcomes;

namespace AiFactory.ModelLibrary.Deployments;

/// <summary>The routing policy of a deployment: what of it is allowed, and how it is kept.</summary>
internal static class DeploymentRouting
{
    /// <summary>Sooner, and nearly each request would be asked twice.</summary>
    private static readonly TimeSpan Soonest = TimeSpan.FromMilliseconds(10);

    private static readonly TimeSpan Latest = TimeSpan.FromMinutes(5);

    internal static string? ToJson(RoutingPolicy? policy) => policy is null ? null : JsonSerializer.Serialize(policy, JsonSerializerOptions.Web);

    internal static RoutingPolicy? Read(string? json) => json is null ? null : JsonSerializer.Deserialize<RoutingPolicy>(json, JsonSerializerOptions.Web);

    internal static void Check(RoutingPolicy? policy, FieldErrors errors) =>
        errors.Require(policy?.HedgeAfter is null || (policy.HedgeAfter >= Soonest && policy.HedgeAfter <= Latest), "routing.hedgeAfter", "Use 10 milliseconds (00:00:00.010) to five minutes (00:05:00), or none.");
}
