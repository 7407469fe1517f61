namespace AiFactory.AppHost.Kubernetes;

/// <summary>Marks the service that people sign in at, for publishing: it is told of the identity provider, and let out to it.</summary>
internal sealed record IdentityProviderAnnotation : IResourceAnnotation;
