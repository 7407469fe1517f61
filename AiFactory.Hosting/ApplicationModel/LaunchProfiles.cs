using System.Text.Json;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>
/// What a project's <c>Properties/launchSettings.json</c> says of how it is run:
/// <code>{ "profiles": { "http": { "commandName": "Project", "applicationUrl": "http://localhost:5123", "environmentVariables": { "A": "b" } } } }</code>
/// </summary>
internal static class LaunchProfiles
{
    private static readonly JsonSerializerOptions Lenient = new() { ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    public static LaunchProfile? Select(ProjectResource resource)
    {
        var project = resource.GetProjectMetadata();
        if ((project.LaunchSettings ?? Read(project.ProjectPath)) is not { } settings)
        {
            return null;
        }

        if (resource.TryGetLastAnnotation<LaunchProfileAnnotation>(out var wanted))
        {
            return settings.Profiles.TryGetValue(wanted.LaunchProfileName, out var named)
                ? named
                : throw new DistributedApplicationException($"Launch settings of '{resource.Name}' have no profile '{wanted.LaunchProfileName}'.");
        }

        return settings.Profiles.Values.FirstOrDefault(p => p.CommandName == "Project");
    }

    /// <summary>The profile's variables, and an endpoint for each of its URLs unless the model defines one of that name.</summary>
    public static void Apply(IResourceBuilder<ProjectResource> resource, LaunchProfile profile, bool withEndpoints)
    {
        resource.WithEnvironment(context =>
        {
            foreach (var (name, value) in profile.EnvironmentVariables)
            {
                context.EnvironmentVariables.TryAdd(name, value);
            }
        });
        if (!withEndpoints)
        {
            return;
        }

        foreach (var url in (profile.ApplicationUrl ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var uri = new Uri(url);
            resource.WithEndpoint(uri.Scheme, endpoint =>
            {
                endpoint.Port = uri.Port;
                endpoint.UriScheme = uri.Scheme;
                endpoint.FromLaunchProfile = true;
            });
        }
    }

    private static LaunchSettings? Read(string projectPath)
    {
        var file = Path.Combine(Path.GetDirectoryName(projectPath) ?? ".", "Properties", "launchSettings.json");
        if (!File.Exists(file))
        {
            return null;
        }

        try
        {
            using var stream = File.OpenRead(file);
            return JsonSerializer.Deserialize<LaunchSettings>(stream, Lenient);
        }
        catch (JsonException exception)
        {
            throw new DistributedApplicationException($"'{file}' is not a valid launch settings file: {exception.Message}", exception);
        }
    }
}
