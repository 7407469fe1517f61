namespace AiFactory.AppHost.Kubernetes;

/// <summary>Marks a connection string as a database of the factory's server, for publishing.</summary>
internal sealed record DatabaseAnnotation(string Name) : IResourceAnnotation;
