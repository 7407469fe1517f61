using AiFactory.AppHost.Kubernetes;
using Microsoft.Extensions.Configuration;

namespace AiFactory.AppHost;

internal static class BuilderExtensions
{
    /// <summary>Adds the builder: one process that does all of it, or, with <c>Builder:Executors</c> above 0, one that serves and leads and that many that work.</summary>
    public static IResourceBuilder<ProjectResource> AddBuilder(
        this IDistributedApplicationBuilder builder,
        string name,
        IResourceBuilder<ParameterResource> identityKey,
        IResourceBuilder<ProjectResource> gateway,
        IResourceBuilder<IResourceWithConnectionString> database,
        IResourceBuilder<IResourceWithConnectionString> objects)
    {
        var executors = builder.Configuration.GetValue("Builder:Executors", builder.ExecutionContext.IsPublishMode ? 2 : 0);
        if (executors > 0)
        {
            Add("executor", "executor").WithReplicas(executors);
        }

        return Add(name, executors > 0 ? "orchestrator" : "all");

        IResourceBuilder<ProjectResource> Add(string resource, string role) =>
            builder.AddService<Projects.AiFactory_Builder>(resource, identityKey)
                .WithReference(gateway)
                .WithReference(database)
                .WithReference(objects)
                .WithEnvironment("Builder__Role", role)
                .WaitFor(database);
    }

    /// <summary>Gives the builder documents from which it makes a knowledge base by itself: the Markdown of that directory, as far as it stands here.</summary>
    /// <param name="directory">Relative to the AppHost's.</param>
    public static IResourceBuilder<ProjectResource> WithKnowledge(this IResourceBuilder<ProjectResource> builder, string name, string directory)
    {
        var application = builder.ApplicationBuilder;
        return builder
            .WithEnvironment("Seed__Project", "default")
            .WithEnvironment("Seed__Knowledge__0__Name", name)
            // The shipped model answers with a sentence of a passage: the fewer there are to choose from, the better.
            .WithEnvironment("Seed__Knowledge__0__ChunkSize", "300")
            .WithEnvironment("Seed__Knowledge__0__Directory", application.ExecutionContext.IsPublishMode
                ? ContainerPaths.Knowledge
                : Path.GetFullPath(Path.Combine(application.AppHostDirectory, directory)));
    }
}
