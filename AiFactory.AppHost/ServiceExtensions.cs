using AiFactory.AppHost.Kubernetes;
using Aspire.Hosting.JavaScript;

namespace AiFactory.AppHost;

internal static class ServiceExtensions
{
    /// <summary>Adds one of our services: an HTTP endpoint, readiness at <c>/readyz</c>, and the key of the internal identity.</summary>
    /// <param name="port">The port that callers use; any free one when null.</param>
    public static IResourceBuilder<ProjectResource> AddService<TProject>(
        this IDistributedApplicationBuilder builder,
        string name,
        IResourceBuilder<ParameterResource> identityKey,
        int? port = null)
        where TProject : IProjectMetadata, new() =>
        builder.AddProject<TProject>(name)
            .WithHttpEndpoint(port)
            .WithHttpHealthCheck("/readyz")
            .WithEnvironment("Identity__Key", identityKey);

    /// <summary>A folder for what outlives a run, absolute; in a container when published.</summary>
    public static string DataFolder(this IDistributedApplicationBuilder builder, string name)
    {
        if (builder.ExecutionContext.IsPublishMode)
        {
            return ContainerPaths.Data(name);
        }

        var store = builder.Configuration["Aspire:Store:Path"] ?? ".aspire";
        return Path.GetFullPath(Path.Combine(builder.AppHostDirectory, store, name));
    }

    /// <summary>The console's files: from their development server while it is worked on, in the gateway's image when published.</summary>
    public static IResourceBuilder<ProjectResource> WithConsole(this IResourceBuilder<ProjectResource> gateway, IResourceBuilder<ViteAppResource> console) =>
        gateway.ApplicationBuilder.ExecutionContext.IsPublishMode
            ? gateway.PublishWithContainerFiles(console, "wwwroot")
            : gateway.WithReference(console);
}
