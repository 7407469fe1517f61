using AiFactory.Hosting.Orchestration;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public static class ProjectResourceBuilderExtensions
{
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(this IDistributedApplicationBuilder builder, string name)
        where TProject : IProjectMetadata, new()
        => builder.Add(name, new TProject(), new ProjectResourceOptions());

    public static IResourceBuilder<ProjectResource> AddProject<TProject>(this IDistributedApplicationBuilder builder, string name, string? launchProfileName)
        where TProject : IProjectMetadata, new()
        => builder.Add(name, new TProject(), new ProjectResourceOptions { ExcludeLaunchProfile = launchProfileName is null, LaunchProfileName = launchProfileName });

    public static IResourceBuilder<ProjectResource> AddProject<TProject>(this IDistributedApplicationBuilder builder, string name, Action<ProjectResourceOptions> configure)
        where TProject : IProjectMetadata, new()
    {
        var options = new ProjectResourceOptions();
        configure(options);
        return builder.Add(name, new TProject(), options);
    }

    public static IResourceBuilder<ProjectResource> AddProject(this IDistributedApplicationBuilder builder, string name, string projectPath)
        => builder.Add(name, new ProjectFileMetadata(Path.GetFullPath(projectPath, builder.AppHostDirectory)), new ProjectResourceOptions());

    public static IResourceBuilder<ProjectResource> WithReplicas(this IResourceBuilder<ProjectResource> builder, int replicas)
        => builder.WithAnnotation(new ReplicaAnnotation(replicas), ResourceAnnotationMutationBehavior.Replace);

    // In an image there is no launch profile; what listens behind an ingress believes its forwarded headers.
    private static IResourceBuilder<ProjectResource> WithPublishedEnvironment(this IResourceBuilder<ProjectResource> resource) => resource
        .WithEnvironment("ASPNETCORE_FORWARDEDHEADERS_ENABLED", "true")
        .WithEnvironment(context =>
        {
            if (resource.Resource.GetEndpoints().FirstOrDefault(endpoint => endpoint.IsHttp) is { } http)
            {
                context.EnvironmentVariables["HTTP_PORTS"] = http.Property(EndpointProperty.TargetPort);
            }
        });

    private static IResourceBuilder<ProjectResource> Add(this IDistributedApplicationBuilder builder, string name, IProjectMetadata project, ProjectResourceOptions options)
    {
        var resource = builder.AddResource(new ProjectResource(name)).WithAnnotation(project);
        if (builder.ExecutionContext.IsPublishMode)
        {
            return resource.WithPublishedEnvironment();
        }

        if (options.ExcludeLaunchProfile)
        {
            resource.WithAnnotation<ExcludeLaunchProfileAnnotation>();
            return resource;
        }

        if (options.LaunchProfileName is { } profileName)
        {
            resource.WithAnnotation(new LaunchProfileAnnotation(profileName));
        }

        if (LaunchProfiles.Select(resource.Resource) is { } profile)
        {
            LaunchProfiles.Apply(resource, profile, withEndpoints: !options.ExcludeKestrelEndpoints);
        }

        return resource;
    }
}
