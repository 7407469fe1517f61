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
}
