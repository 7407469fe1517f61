using AiFactory.ModelLibrary.Kubernetes;
using AiFactory.ModelLibrary.Scanning;
using AiFactory.ModelLibrary.Seeding;
using AiFactory.ModelLibrary.Sources;
using AiFactory.ModelLibrary.Sync;
using AiFactory.ModelLibrary.Upstreams;
using AiFactory.ModelLibrary.Workers;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AiFactory.ModelLibrary.Tests;

public sealed class SettingTests
{
    /// <summary>Generated validators say "SyncOptions.Lease": they take no notice of the sentence that a [Range] has.</summary>
    [Theory]
    [InlineData("Sources:SyncInterval", "00:00:00")]
    [InlineData("Sync:Lease", "00:00:00")]
    [InlineData("Scanning:Timeout", "00:00:00")]
    [InlineData("Workers:MissedHeartbeats", "1")]
    [InlineData("Workers:HeartbeatInterval", "00:00:00")]
    [InlineData("Seed:Project", "Not a name")]
    [InlineData("Seed:AdminKey", "aif_short")]
    [InlineData("Seed:Deployments:0:Name", "")]
    [InlineData("Upstreams:TestTimeout", "00:00:00")]
    [InlineData("Upstreams:AllowedHosts:0", "*")]
    [InlineData("Secrets:Key", "short")]
    [InlineData("Secrets:OtherKeys:0", "short")]
    [InlineData("Secrets:ResealAfter", "2.00:00:00")]
    [InlineData("Kubernetes:Resync", "00:00:00")]
    [InlineData("Kubernetes:Timeout", "01:00:00")]
    public void A_bad_setting_stops_the_start_with_a_sentence_that_names_it(string setting, string value)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration["Seed:Deployments:0:Model"] = "a-model";
        builder.Configuration["Seed:Deployments:0:Name"] = "a-name";
        builder.Configuration[setting] = value;
        builder.AddSources().AddSync().AddScanning().AddWorkers().AddSeeding().AddUpstreams().AddKubernetes();
        using var services = builder.Services.BuildServiceProvider();

        var refused = Should.Throw<OptionsValidationException>(services.GetRequiredService<IStartupValidator>().Validate);

        refused.Message.Replace(":<n>:", ":0:", StringComparison.Ordinal).ShouldContain($"{setting} must ");
    }

    /// <summary>What must be there once the library is to write to a cluster.</summary>
    [Theory]
    [InlineData("Kubernetes:Server", "")]
    [InlineData("Kubernetes:Server", "http://10.96.0.1")]
    [InlineData("Kubernetes:ServiceAccount", "/nowhere")]
    [InlineData("Kubernetes:Namespaces:bank", "Team_Bank")]
    [InlineData("Kubernetes:Namespaces:other", "ai-project-bank")]
    [InlineData("Kubernetes:Namespaces", null)]
    public void So_does_one_that_a_cluster_needs(string setting, string? value)
    {
        using var cluster = new ClusterFolder();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration["Kubernetes:Enabled"] = "true";
        builder.Configuration["Kubernetes:Server"] = "https://10.96.0.1";
        builder.Configuration["Kubernetes:ServiceAccount"] = cluster.Path;
        builder.Configuration[value is null ? "Kubernetes:None" : "Kubernetes:Namespaces:bank"] = "ai-project-bank";
        builder.Configuration[value is null ? "Kubernetes:None" : setting] = value;
        builder.AddKubernetes();
        using var services = builder.Services.BuildServiceProvider();

        var refused = Should.Throw<OptionsValidationException>(services.GetRequiredService<IStartupValidator>().Validate);

        refused.Message.ShouldContain($"{setting} must ");
    }

    /// <summary>As a pod is told: an address, and a token once the account has one.</summary>
    [Theory]
    [InlineData("10.96.0.1", "https://10.96.0.1/")]
    [InlineData("fd00::1", "https://[fd00::1]/")]
    public void In_a_pod_the_cluster_is_known_and_it_is_on_once_a_project_has_a_namespace(string host, string server)
    {
        using var cluster = new ClusterFolder();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration["KUBERNETES_SERVICE_HOST"] = host;
        builder.Configuration["KUBERNETES_SERVICE_PORT"] = "443";
        builder.Configuration["Kubernetes:ServiceAccount"] = cluster.Path;
        builder.AddKubernetes();

        (Read().Server?.ToString(), Read().IsOn).ShouldBe((server, false));
        builder.Configuration["Kubernetes:Namespaces:bank"] = "ai-project-bank";
        Read().IsOn.ShouldBeTrue();
        builder.Configuration["Kubernetes:Enabled"] = "false";
        Read().IsOn.ShouldBeFalse();

        KubernetesOptions Read()
        {
            using var services = builder.Services.BuildServiceProvider();
            return services.GetRequiredService<IOptions<KubernetesOptions>>().Value;
        }
    }

    /// <summary>A pod's folder of its service account.</summary>
    private sealed class ClusterFolder : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("aifactory-account-");

        public ClusterFolder()
        {
            File.WriteAllText(System.IO.Path.Combine(Path, "token"), "a-token");
            File.WriteAllText(System.IO.Path.Combine(Path, "ca.crt"), "");
        }

        public string Path => _folder.FullName;

        public void Dispose() => _folder.Delete(recursive: true);
    }
}
