using System.Collections.Frozen;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Authentication;
using AiFactory.Gateway.Guardrails;
using AiFactory.Gateway.Limits;
using AiFactory.Gateway.Oidc;

namespace AiFactory.Gateway.Routing;

/// <summary>A routing snapshot, compiled: immutable, read without a lock, swapped whole. A request keeps the one that it began with.</summary>
internal sealed class RoutingTable(
    RoutingSnapshot snapshot,
    FrozenDictionary<KeyHash, Caller> keys,
    FrozenDictionary<string, Caller> keysBySubject,
    FrozenDictionary<string, ProjectRoutes> projects,
    ProjectRoutes shared,
    FrozenDictionary<Guid, Deployment> deployments)
{
    public RoutingSnapshot Snapshot { get; } = snapshot;

    public FrozenDictionary<Guid, Deployment> Deployments { get; } = deployments;

    /// <summary>Null where there is none.</summary>
    public LimitTable? Limits { get; init; }

    /// <summary>Null where nobody has rules.</summary>
    public GuardrailTable? Guardrails { get; init; }

    /// <summary>The callers whom the identity provider vouches for, as long as this table is in force: each user's last one would keep the table of their last request.</summary>
    public UserCallers Users { get; } = new();

    public FrozenDictionary<string, Caller> KeysByLine { get; init; } = FrozenDictionary<string, Caller>.Empty;

    private readonly HashSet<string>? _names = snapshot.Projects?.ToHashSet(StringComparer.Ordinal);

    private readonly HashSet<string> _models = deployments.Values.Select(deployment => deployment.Name).ToHashSet(StringComparer.Ordinal);

    /// <summary>Whether any project has a deployment of that name.</summary>
    public bool HasModel(string name) => _models.Contains(name);

    /// <summary>Whether there is such a project. A library that does not say which there are is an older one, and believed whatever its callers name, as it was.</summary>
    public bool HasProject(string project) => _names?.Contains(project) ?? true;

    public Caller? FindKey(in KeyHash hash) => keys.TryGetValue(hash, out var caller) ? caller : null;

    /// <param name="subject">For example <c>key:0197...</c>.</param>
    public Caller? FindKey(string subject) => keysBySubject.TryGetValue(subject, out var caller) ? caller : null;

    /// <summary>Of a line of rotations the key that holds longest.</summary>
    /// <param name="line">See <see cref="Caller.KeyLine"/>.</param>
    public Caller? FindKeyOfLine(string line) => KeysByLine.GetValueOrDefault(line);

    /// <summary>The routes of a project; of one without deployments, those that the whole factory may use.</summary>
    public ProjectRoutes RoutesOf(string? project) => project is not null && projects.TryGetValue(project, out var routes) ? routes : shared;
}
