namespace AiFactory.AppHost.Kubernetes;

/// <summary>Marks a connection string as the factory's object storage, for publishing.</summary>
internal sealed record ObjectStorageAnnotation : IResourceAnnotation;
