namespace AiFactory.AppHost.Kubernetes;

/// <summary>Where things lie in the images; the Dockerfiles put them there.</summary>
internal static class ContainerPaths
{
    /// <summary>The models that ship, in the library's image.</summary>
    public const string Models = "/app/models";

    /// <summary>The repository's documents, in the builder's image.</summary>
    public const string Knowledge = "/app/knowledge";

    public static string Data(string service) => $"/var/lib/aifactory/{service}";
}
