using System.Text.Json;
using System.Text.Json.Serialization;
using AiFactory.Contracts.Routing;

namespace AiFactory.Gateway.Snapshots;

/// <summary>
/// The control plane's JSON: camelCase, members that are not known ignored. A member that may be null may be missing too: a kept file, or a library of the
/// version before, must not be refused because the contract has grown.
/// </summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(RoutingSnapshot))]
internal sealed partial class SnapshotJson : JsonSerializerContext
{
    /// <exception cref="InvalidDataException">What no snapshot can do without is missing.</exception>
    public static RoutingSnapshot Verify(RoutingSnapshot? snapshot) => snapshot is not null && IsWhole(snapshot)
        ? snapshot
        : throw new InvalidDataException("a member that no routing snapshot can do without is missing");

    /// <summary>The serializer leaves a missing member null, whatever its type says.</summary>
    private static bool IsWhole(RoutingSnapshot snapshot) =>
        snapshot is { Version: > 0, Keys: not null, Deployments: not null }
        && snapshot.Keys.All(key => key is { Hash: not null, Project: not null, Roles: not null, Scope: null or { Models: not null, Operations: not null } })
        && (snapshot.Guardrails ?? []).All(route => route is { Rules: not null } && route.Rules.All(rule => rule is { Name: not null, Kind: not null, Action: not null, AppliesTo: not null }))
        && snapshot.Deployments.All(deployment =>
            deployment is { Name: not null, Project: not null, Task: not null, Replicas: not null }
            && deployment.Replicas.All(replica => replica is { Id: not null, BaseUrl: not null }))
        && (snapshot.Limits is null || snapshot.Limits.All(limit => limit is { Name: not null, Scope: not null, Measure: not null }));
}
