namespace AiFactory.AppHost.Kubernetes;

/// <summary>The model as a cluster sees it: services, who calls whom, the databases, the models that are seeded.</summary>
internal sealed class Factory
{
    private readonly IDistributedApplicationBuilder _builder;

    public Factory(IDistributedApplicationBuilder builder)
    {
        _builder = builder;
        var projects = builder.Resources.OfType<ProjectResource>().ToList();
        Services = [.. projects.Select(project => new FactoryService(project, ServiceLayout.Of(project.Name), ImageOf(project, projects)))];
        Databases = [.. builder.Resources.SelectMany(resource => resource.Annotations.OfType<DatabaseAnnotation>()).OrderBy(database => database.Name, StringComparer.Ordinal)];
        Edges = [.. Services.SelectMany(EdgesOf).Distinct().OrderBy(edge => edge.Name, StringComparer.Ordinal)];
        Models = [.. builder.Resources.SelectMany(resource => resource.Annotations.OfType<SeedAnnotation>()).SelectMany(seed => seed.Models).Select(model => SeededModel.Read(builder, model))];
    }

    public const string Project = "default";

    public IReadOnlyList<FactoryService> Services { get; }

    public IReadOnlyList<DatabaseAnnotation> Databases { get; }

    public IReadOnlyList<Edge> Edges { get; }

    public IReadOnlyList<SeededModel> Models { get; }

    /// <summary>The areas that have a namespace: <c>{release}-{area}</c>.</summary>
    public static IReadOnlyList<string> Areas { get; } = ["control", "gateway", "infra", "models", "observability", ProjectArea];

    public const string ProjectArea = $"project-{Project}";

    public FactoryService Service(string name) => Services.FirstOrDefault(service => service.Name == name)
        ?? throw new DistributedApplicationException($"The model has no service '{name}', which the chart counts on.");

    // Roles of one program have one image, named by the first of them.
    private static string ImageOf(ProjectResource project, List<ProjectResource> projects) => projects
        .Where(other => other.GetProjectMetadata().ProjectPath == project.GetProjectMetadata().ProjectPath)
        .Select(other => other.Name)
        .Min(StringComparer.Ordinal) ?? project.Name;

    private IEnumerable<Edge> EdgesOf(FactoryService service)
    {
        foreach (var target in service.Resource.Annotations.OfType<ResourceRelationshipAnnotation>().Where(relationship => relationship.Type == "Reference").Select(relationship => relationship.Resource))
        {
            if (target is ProjectResource)
            {
                yield return new Edge(EdgeKind.Service, service.Name, target.Name);
            }
            else if (target.Annotations.OfType<DatabaseAnnotation>().Any())
            {
                yield return new Edge(EdgeKind.Postgres, service.Name, "postgres");
            }
            else if (target.Annotations.OfType<ObjectStorageAnnotation>().Any())
            {
                yield return new Edge(EdgeKind.Objects, service.Name, "objects");
            }
        }

        foreach (var called in service.Layout.Calls.Where(name => _builder.Resources.Any(resource => resource.Name == name)))
        {
            yield return new Edge(EdgeKind.Service, service.Name, called);
        }
    }
}
