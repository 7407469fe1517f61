namespace AiFactory.AppHost.Kubernetes;

/// <summary>A service of the model and its place in a cluster.</summary>
/// <param name="Image">The last part of its image's name.</param>
internal sealed record FactoryService(ProjectResource Resource, ServiceLayout Layout, string Image)
{
    public string Name => Resource.Name;

    /// <summary>Its Service's name, Aspire's.</summary>
    public string Address => $"{Name}-service";

    /// <summary>The secrets that it reads, known once it is published.</summary>
    public HashSet<SecretKey> Secrets { get; } = [];

    /// <summary>Whether it is told of the identity provider.</summary>
    public bool HasIdentityProvider => Resource.Annotations.OfType<IdentityProviderAnnotation>().Any();

    /// <summary>Its section of values.yaml.</summary>
    public string Section => Name.Replace('-', '_');
}
