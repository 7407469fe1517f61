using AiFactory.AppHost.Kubernetes;

namespace AiFactory.AppHost;

internal static class SeedExtensions
{
    /// <summary>Gives the library what it brings about by itself at its first start: a project, an admin key, a source, deployments of the named models.</summary>
    public static IResourceBuilder<ProjectResource> WithSeed(
        this IResourceBuilder<ProjectResource> library,
        IResourceBuilder<ParameterResource> adminKey,
        params string[] models)
    {
        var builder = library.ApplicationBuilder;
        var directory = builder.Configuration["Models:Directory"] ?? Path.Combine("..", "models");
        var folder = builder.ExecutionContext.IsPublishMode ? ContainerPaths.Models : Path.GetFullPath(Path.Combine(builder.AppHostDirectory, directory));
        library
            .WithAnnotation(new SeedAnnotation(models))
            .WithEnvironment("Seed__Project", "default")
            .WithEnvironment("Seed__AdminKey", adminKey)
            .WithEnvironment("Seed__ModelsDirectory", folder);
        for (var index = 0; index < models.Length; index++)
        {
            library
                .WithEnvironment($"Seed__Deployments__{index}__Name", models[index])
                .WithEnvironment($"Seed__Deployments__{index}__Model", models[index]);
        }

        return library;
    }
}
