using AiFactory.Hosting.Orchestration;
using AiFactory.Hosting.Web;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.JavaScript;

namespace Aspire.Hosting;

public static class JavaScriptHostingExtensions
{
    /// <summary>A Vite development server in <paramref name="appDirectory"/>; its packages are installed first, by <c>{name}-installer</c>.</summary>
    public static IResourceBuilder<ViteAppResource> AddViteApp(this IDistributedApplicationBuilder builder, string name, string appDirectory, string runScriptName = "dev")
    {
        var directory = Path.GetFullPath(appDirectory, builder.AppHostDirectory);
        var app = builder.AddResource(new ViteAppResource(name, "npm", directory));
        app.WithHttpEndpoint(env: "PORT")
            .WithEnvironment("NODE_ENV", "development")
            .WithOtlpExporter()
            .WithArgs("--port", app.GetEndpoint("http").Property(EndpointProperty.TargetPort))
            .WithAnnotation(new LocalProcessAnnotation((context, _) => Task.FromResult(PackageScript.Describe(directory, runScriptName, context))));

        var installer = builder.AddResource(new JavaScriptInstallerResource($"{name}-installer", directory))
            .WithParentRelationship(app)
            .WithAnnotation(new LocalProcessAnnotation((context, cancellationToken) => PackageInstall.DescribeAsync(directory, context, cancellationToken)));
        return app.WaitForCompletion(installer);
    }
}
