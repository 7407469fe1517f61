using System.Collections.Concurrent;
using AiFactory.Inference.Serving;
using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.Inference.Adapters;

/// <summary>The adapters of every deployment.</summary>
internal sealed class DeployedAdapters
{
    private readonly ConcurrentDictionary<Guid, AdapterShelf> _shelves = new();

    public AdapterShelf Of(Guid deployment) => _shelves.GetOrAdd(deployment, _ => new AdapterShelf());

    /// <summary>The deployment is gone.</summary>
    public void Forget(Guid deployment)
    {
        if (_shelves.TryRemove(deployment, out var shelf))
        {
            foreach (var adapter in shelf.All)
            {
                shelf.Drop(adapter);
            }
        }
    }

    /// <summary>1. In the deployment that the gateway names, its adapter of that name. 2. Else a model of that name comes before an adapter. 3. Else the adapter, of the caller's own project first.</summary>
    /// <param name="deployment">The deployment's id, from the gateway.</param>
    /// <returns>The deployment and its adapter; null when the name is no adapter's.</returns>
    public (Guid Deployment, DeployedAdapter Adapter)? Find(string? deployment, string? name, IReadOnlyList<ModelRegistryEntry> entries, InternalIdentity identity)
    {
        if (Guid.TryParse(deployment, out var id))
        {
            return _shelves.GetValueOrDefault(id)?.Find(name) is { } own ? (id, own) : null;
        }

        var visible = entries.Where(entry => identity.CoversProject(entry.Assignment.Project)).OrderByDescending(entry => entry.Assignment.Project == identity.Project).ToList();
        if (visible.Exists(entry => entry.Assignment.Deployment == name))
        {
            return null;
        }

        foreach (var entry in visible)
        {
            if (_shelves.GetValueOrDefault(entry.Assignment.DeploymentId)?.Find(name) is { } found)
            {
                return (entry.Assignment.DeploymentId, found);
            }
        }

        return null;
    }

    /// <summary>What the caller may send as <c>model</c>, for the error that a name is none of it.</summary>
    public IEnumerable<string> Names(IReadOnlyList<ModelRegistryEntry> entries, InternalIdentity identity) => entries
        .Where(entry => identity.CoversProject(entry.Assignment.Project))
        .SelectMany(entry => _shelves.GetValueOrDefault(entry.Assignment.DeploymentId)?.All.Select(adapter => adapter.Name).Prepend(entry.Assignment.Deployment) ?? [entry.Assignment.Deployment])
        .Distinct();
}
