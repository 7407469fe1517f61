namespace Aspire.Hosting.ApplicationModel;

/// <summary>What a resource's snapshot is before anything is known of it.</summary>
internal static class InitialSnapshots
{
    public static CustomResourceSnapshot For(IResource resource)
    {
        var snapshot = resource.TryGetLastAnnotation<ResourceSnapshotAnnotation>(out var given)
            ? given.InitialSnapshot
            : new CustomResourceSnapshot { ResourceType = TypeName(resource), Properties = [] };
        return snapshot with
        {
            HealthReports = [.. resource.Annotations.OfType<HealthCheckAnnotation>().Select(h => h.Key).Distinct()
                .Select(key => new HealthReportSnapshot(key, null, null, null))],
            Relationships = [.. snapshot.Relationships, .. Relationships(resource)],
        };
    }

    private static IEnumerable<RelationshipSnapshot> Relationships(IResource resource)
    {
        if (resource is IResourceWithParent child)
        {
            yield return new RelationshipSnapshot(child.Parent.Name, KnownRelationshipTypes.Parent);
        }

        foreach (var relation in resource.Annotations.OfType<ResourceRelationshipAnnotation>().DistinctBy(r => (r.Resource, r.Type)))
        {
            yield return new RelationshipSnapshot(relation.Resource.Name, relation.Type);
        }
    }

    // "ObjectStorageResource" is shown as "ObjectStorage"; the dashboard knows Project, Executable, Container and Parameter.
    private static string TypeName(IResource resource) => resource switch
    {
        ProjectResource => "Project",
        ExecutableResource => "Executable",
        ParameterResource => "Parameter",
        _ => resource.GetType().Name is var name && name.EndsWith("Resource", StringComparison.Ordinal) ? name[..^"Resource".Length] : resource.GetType().Name,
    };
}
