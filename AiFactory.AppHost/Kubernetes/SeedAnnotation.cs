namespace AiFactory.AppHost.Kubernetes;

/// <summary>The models that a service seeds, for publishing: each has an InferenceService.</summary>
internal sealed record SeedAnnotation(IReadOnlyList<string> Models) : IResourceAnnotation;
