using System.Globalization;
using System.Runtime.InteropServices;
using Aspire.Hosting.ApplicationModel;

namespace AiFactory.Hosting.Orchestration;

/// <summary>How a project is run: what its build made, directly, in the project's folder.</summary>
internal static class ProjectProcess
{
    public static LocalProcess Describe(ProjectResource project, LocalProcessContext context, ProjectTargets targets)
    {
        var path = project.GetProjectMetadata().ProjectPath;
        var assembly = targets.Of(path);
        var environment = new Dictionary<string, string>(context.Environment);
        var urls = Urls(project, context);
        if (urls.Length > 0)
        {
            environment.TryAdd("ASPNETCORE_URLS", urls);
        }

        // The native host shows under its own name among the processes; it finds .NET by this variable.
        environment.TryAdd("DOTNET_ROOT", DotnetRoot());
        var host = Path.ChangeExtension(assembly, null);
        var (file, arguments) = File.Exists(host) ? (host, context.Arguments) : (DotnetPath(), [assembly, .. context.Arguments]);
        return new LocalProcess
        {
            FileName = file,
            Arguments = arguments,
            WorkingDirectory = Path.GetDirectoryName(path) ?? ".",
            Environment = environment,
        };
    }

    private static string Urls(ProjectResource project, LocalProcessContext context)
        => string.Join(';', project.Annotations.OfType<EndpointAnnotation>()
            .Where(e => e.UriScheme is "http" or "https" && e.TargetPortEnvironmentVariable is null)
            .Select(e => string.Create(CultureInfo.InvariantCulture, $"{e.UriScheme}://{e.TargetHost}:{context.TargetPort(e.Name)}")));

    // .../dotnet/shared/Microsoft.NETCore.App/10.0.0/
    private static string DotnetRoot()
        => Environment.GetEnvironmentVariable("DOTNET_ROOT") is { Length: > 0 } given
            ? given
            : Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));

    private static string DotnetPath() => Path.Combine(DotnetRoot(), OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet");
}
