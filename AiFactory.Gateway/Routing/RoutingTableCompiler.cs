using System.Collections.Frozen;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Authentication;
using AiFactory.Gateway.Guardrails;
using AiFactory.Gateway.Limits;
using AiFactory.Gateway.Upstreams;
using AiFactory.ServiceDefaults.Secrets;

namespace AiFactory.Gateway.Routing;

/// <summary>Turns a snapshot into a <see cref="RoutingTable"/>.</summary>
internal static class RoutingTableCompiler
{
    internal const string FactoryVisible = "factory";

    /// <param name="previous">The table that this one replaces: a replica named by both keeps its counts.</param>
    /// <param name="seal">Opens the credentials of upstreams.</param>
    /// <param name="refuse">Is told of what the snapshot names and cannot be used.</param>
    public static RoutingTable Compile(RoutingSnapshot snapshot, RoutingTable? previous, CredentialSeal seal, Action<string> refuse)
    {
        // 1. Deployments, oldest first: when two projects share one name with the factory, the older one keeps it.
        var deployments = snapshot.Deployments
            .OrderBy(route => route.CreatedAt).ThenBy(route => route.Id)
            .Select(route => new Deployment(route, route.Revoked is null ? Replicas(route, previous, refuse) : [], previous?.Deployments.GetValueOrDefault(route.Id)) { Upstream = Upstream.Of(route, seal, refuse) })
            .ToArray();
        var shared = deployments.Where(deployment => deployment.Route.Visibility == FactoryVisible).ToArray();

        // 2. One view for each project that has a deployment, a key or rules.
        var guardrails = GuardrailTable.Compile(snapshot.Guardrails, previous?.Guardrails, refuse);
        var none = new ProjectRoutes("", [], shared, guardrails);
        var own = deployments.ToLookup(deployment => deployment.Project, StringComparer.Ordinal);
        var projects = own.Select(group => group.Key)
            .Concat(snapshot.Keys.Select(key => key.Project))
            .Concat((snapshot.Guardrails ?? []).Select(route => route.Project).OfType<string>())
            .Distinct(StringComparer.Ordinal)
            .ToFrozenDictionary(project => project, project => new ProjectRoutes(project, own[project], shared, guardrails), StringComparer.Ordinal);

        // 3. Keys.
        var keys = new Dictionary<KeyHash, Caller>();
        foreach (var key in snapshot.Keys)
        {
            if (!KeyHash.TryParse(key.Hash, out var hash))
            {
                refuse($"key {key.Id}: its hash is not 64 hexadecimal digits");
                continue;
            }

            keys[hash] = Caller.FromKey(key, projects[key.Project]);
        }

        return new RoutingTable(
            snapshot,
            keys.ToFrozenDictionary(),
            keys.Values.DistinctBy(caller => caller.Identity.Subject).ToFrozenDictionary(caller => caller.Identity.Subject, StringComparer.Ordinal),
            projects,
            none,
            deployments.DistinctBy(deployment => deployment.Route.Id).ToFrozenDictionary(deployment => deployment.Route.Id))
        {
            KeysByLine = keys.Values.GroupBy(caller => caller.KeyLine ?? "", StringComparer.Ordinal)
                .ToFrozenDictionary(line => line.Key, line => line.MaxBy(caller => caller.ExpiresAt ?? DateTimeOffset.MaxValue) ?? line.First(), StringComparer.Ordinal),
            Limits = LimitTable.Compile(snapshot.Limits, refuse),
            Guardrails = guardrails,
        };
    }

    private static Replica[] Replicas(DeploymentRoute route, RoutingTable? previous, Action<string> refuse)
    {
        var known = previous?.Deployments.GetValueOrDefault(route.Id)?.Replicas ?? [];
        var replicas = new List<Replica>(route.Replicas.Count);
        foreach (var named in route.Replicas)
        {
            // A base without its last slash would lose its last segment to the operation's relative path.
            if (!Uri.TryCreate(named.BaseUrl.TrimEnd('/') + "/", UriKind.Absolute, out var baseUrl) || baseUrl.Scheme is not ("http" or "https"))
            {
                refuse($"deployment {route.Id}: the address of replica {named.Id} is not an http address");
                continue;
            }

            var replica = Array.Find(known, one => one.Id == named.Id && one.BaseUrl == baseUrl) ?? new Replica(named.Id, baseUrl);
            replica.Zone = named.Zone;
            replicas.Add(replica);
        }

        return [.. replicas];
    }
}
