using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using AiFactory.Testing;

namespace AiFactory.Hosting.Tests.Kubernetes;

/// <summary>The factory's own AppHost, published once for all tests of the chart, and what Helm makes of it.</summary>
public sealed class PublishedChart : IAsyncLifetime
{
    private static readonly string[] Cluster =
        ["--kube-version", "1.36.0", "--api-versions", "serving.kserve.io/v1beta1", "--api-versions", "serving.kserve.io/v1alpha1", "--api-versions", "postgresql.cnpg.io/v1"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("aifactory-chart-");
    private readonly ConcurrentDictionary<string, Task<IReadOnlyList<JsonObject>>> _rendered = [];
    private string _helm = "";

    public string Folder => Path.Combine(_folder.FullName, "k8s");

    public async ValueTask InitializeAsync()
    {
        _helm = await HelmTool.EnsureAsync(CancellationToken.None);
        await PublishAsync("k8s");
    }

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>Publishes to a folder beside the first one, by a relative path.</summary>
    public async Task<string> PublishAsync(string name)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent?.Name ?? "Debug";
        var appHost = Path.Combine(RepositoryFolder.Root, "AiFactory.AppHost", "bin", configuration, "net10.0", "AiFactory.AppHost.dll");
        var (code, output, error) = await HelmTool.RunAsync("dotnet", [appHost, "publish", "--output-path", name], _folder.FullName, CancellationToken.None);
        code.ShouldBe(0, output + error);
        return Path.Combine(_folder.FullName, name);
    }

    public async Task<(int Code, string Output, string Error)> HelmAsync(params string[] arguments)
        => await HelmTool.RunAsync(_helm, arguments, _folder.FullName, CancellationToken.None);

    /// <summary>What a cluster with KServe and CloudNativePG would be sent.</summary>
    internal Task<IReadOnlyList<JsonObject>> RenderAsync(string? values = null, string release = "ai")
        => _rendered.GetOrAdd($"{release}\n{values}", _ => RenderOnceAsync(values, release));

    internal async Task<(int Code, string Output, string Error)> TemplateAsync(string? values, string release = "ai", bool inCluster = true)
        => await HelmAsync(["template", release, Folder, .. inCluster ? Cluster : [], .. await ValuesAsync(values)]);

    /// <summary>As an upgrade renders it, with these objects in the cluster.</summary>
    internal async Task<(int Code, string Output, string Error)> UpgradeAsync(string? values, params string[] objects)
    {
        await using var cluster = new ClusterApi(await RenderAsync(), objects);
        return await HelmAsync(["template", "ai", Folder, .. Cluster, "--dry-run=server", "--disable-openapi-validation", "--kube-apiserver", cluster.Address, .. await ValuesAsync(values)]);
    }

    /// <summary>Helm's arguments for these values.</summary>
    internal async Task<IReadOnlyList<string>> ValuesAsync(string? values)
    {
        if (values is null)
        {
            return [];
        }

        var file = Path.Combine(_folder.FullName, $"values-{Guid.CreateVersion7():n}.yaml");
        await File.WriteAllTextAsync(file, values);
        return ["--values", file];
    }

    private async Task<IReadOnlyList<JsonObject>> RenderOnceAsync(string? values, string release)
    {
        var (code, output, error) = await TemplateAsync(values, release);
        code.ShouldBe(0, error);
        return Manifests.Parse(output);
    }
}
