using Aspire.Hosting;

namespace AiFactory.Hosting.Orchestration;

/// <summary>
/// What the AppHost's build made of each referenced project. The build writes <c>{AppHost}.projects.txt</c> beside the AppHost:
/// <code>/src/AiFactory.Gateway/AiFactory.Gateway.csproj|/src/AiFactory.Gateway/bin/Debug/net10.0/AiFactory.Gateway.dll</code>
/// </summary>
internal sealed class ProjectTargets(string? manifest)
{
    private readonly Lazy<Dictionary<string, string>> _targets = new(() => Read(manifest));

    public static ProjectTargets Beside(System.Reflection.Assembly? appHost)
        => new(appHost is null ? null : Path.Combine(AppContext.BaseDirectory, $"{appHost.GetName().Name}.projects.txt"));

    /// <summary>The assembly to run.</summary>
    public string Of(string projectPath)
    {
        if (!_targets.Value.TryGetValue(Path.GetFullPath(projectPath), out var target))
        {
            throw new DistributedApplicationException(
                $"The AppHost's build knows nothing of '{projectPath}': reference it as a project of the AppHost.");
        }

        return File.Exists(target) ? target : throw new DistributedApplicationException($"'{target}' is missing: build the AppHost again.");
    }

    private static Dictionary<string, string> Read(string? manifest)
    {
        var targets = new Dictionary<string, string>(StringComparer.Ordinal);
        if (manifest is null || !File.Exists(manifest))
        {
            return targets;
        }

        foreach (var line in File.ReadLines(manifest))
        {
            if (line.Split('|') is [var project, var target])
            {
                targets[Path.GetFullPath(project.Trim())] = target.Trim();
            }
        }

        return targets;
    }
}
