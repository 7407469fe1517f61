using System.Globalization;
using AiFactory.Hosting.Orchestration;
using AiFactory.Testing;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.Hosting.Tests;

/// <summary>A folder of its own, and AppHosts in it whose services are real processes.</summary>
internal sealed class TestHost : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("aifactory-host-");

    public static string AppHostFolder { get; } = Path.Combine(
        RepositoryFolder.Root, "tests", "AiFactory.Hosting.TestAppHost", "bin", new DirectoryInfo(AppContext.BaseDirectory).Parent?.Name ?? "Debug", "net10.0");

    public static string ServiceProject { get; } = Path.Combine(
        RepositoryFolder.Root, "tests", "AiFactory.Hosting.TestApp", "AiFactory.Hosting.TestApp.csproj");

    public string Folder => _folder.FullName;

    public static Task<T> Soon<T>(Task<T> task) => task.WaitAsync(Patience, TestContext.Current.CancellationToken);

    public static Task Soon(Task task) => task.WaitAsync(Patience, TestContext.Current.CancellationToken);

    public static int Pid(CustomResourceSnapshot snapshot)
        => Convert.ToInt32(snapshot.Properties.Single(p => p.Name == "executable.pid").Value, CultureInfo.InvariantCulture);

    public DistributedApplicationBuilder Builder(params string[] args)
    {
        var builder = new DistributedApplicationBuilder(new DistributedApplicationOptions { Args = args, ProjectDirectory = Folder, DisableDashboard = true });
        builder.UserSecrets = new UserSecretsStore(Path.Combine(Folder, "secrets.json"));
        builder.Services.AddSingleton(new ProjectTargets(Path.Combine(AppHostFolder, "AiFactory.Hosting.TestAppHost.projects.txt")));
        return builder;
    }

    public static IResourceBuilder<ProjectResource> AddService(IDistributedApplicationBuilder builder, string name)
        => builder.AddProject(name, ServiceProject).WithHttpEndpoint().WithHttpHealthCheck("/health");

    public void Dispose() => _folder.Delete(recursive: true);
}
