using Aspire.Hosting.ApplicationModel;

namespace AiFactory.Hosting.Orchestration;

/// <summary>Who must have stopped before a resource may: those that need it, by waiting for it or by referring to it.</summary>
internal static class ShutdownOrder
{
    /// <summary>For each resource its dependents. A dependency that would close a circle is left out.</summary>
    public static IReadOnlyDictionary<IResource, IReadOnlyList<IResource>> Dependents(IReadOnlyCollection<IResource> resources)
    {
        var needs = resources.ToDictionary(r => r, _ => new HashSet<IResource>());

        // Waiting is the stronger word: it is heard before a mere reference.
        foreach (var resource in resources)
        {
            foreach (var wait in resource.Annotations.OfType<WaitAnnotation>())
            {
                Add(needs, resource, Owner(wait.Resource, needs));
            }
        }

        foreach (var resource in resources)
        {
            foreach (var relation in resource.Annotations.OfType<ResourceRelationshipAnnotation>().Where(r => r.Type == KnownRelationshipTypes.Reference))
            {
                Add(needs, resource, Owner(relation.Resource, needs));
            }
        }

        return resources.ToDictionary(r => r, IReadOnlyList<IResource> (r) => [.. resources.Where(other => needs[other].Contains(r))]);
    }

    // A database has no process: its server has.
    private static IResource? Owner(IResource resource, Dictionary<IResource, HashSet<IResource>> known)
    {
        var current = resource;
        while (!known.ContainsKey(current))
        {
            if (current is not IResourceWithParent child)
            {
                return null;
            }

            current = child.Parent;
        }

        return current;
    }

    private static void Add(Dictionary<IResource, HashSet<IResource>> needs, IResource resource, IResource? needed)
    {
        if (needed is not null && needed != resource && !Reaches(needs, needed, resource))
        {
            needs[resource].Add(needed);
        }
    }

    private static bool Reaches(Dictionary<IResource, HashSet<IResource>> needs, IResource from, IResource to)
        => from == to || needs[from].Any(next => Reaches(needs, next, to));
}
