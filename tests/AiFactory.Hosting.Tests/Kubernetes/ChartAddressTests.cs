using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace AiFactory.Hosting.Tests.Kubernetes;

/// <summary>Everything is found by its name: an address of a pod would be another one after a restart.</summary>
public sealed partial class ChartAddressTests(PublishedChart chart) : IClassFixture<PublishedChart>
{
    [Theory]
    [InlineData(null)]
    [InlineData(ChangedValues.Yaml)]
    public async Task No_object_names_an_address_but_the_ranges_of_the_network_policies(string? values)
    {
        var manifests = await chart.RenderAsync(values);
        manifests.Count.ShouldBeGreaterThan(60);
        AddressesOf(manifests).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(null)]
    [InlineData(ChangedValues.Yaml)]
    public async Task Every_host_that_a_setting_names_is_a_Service_of_the_chart_or_a_value(string? values)
    {
        var manifests = await chart.RenderAsync(values);
        manifests.SelectMany(Settings).SelectMany(text => Hosts(text.Value)).Distinct().Count().ShouldBeGreaterThan(4);
        (await UnknownHostsAsync(manifests, values)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_setting_of_the_model_that_names_another_would_be_noticed()
    {
        const string Values = "config: { gateway: { Snapshot__Path: 'http://10.244.0.7:8080 http://library.ai-control.svc:8080' } }";
        var manifests = await chart.RenderAsync(Values);
        AddressesOf(manifests).ShouldBe(["ConfigMap/gateway-config.data.Snapshot__Path: 10.244.0.7"]);
        (await UnknownHostsAsync(manifests, Values)).ShouldBe(["10.244.0.7", "library.ai-control.svc"]);
    }

    [Theory]
    [InlineData("http://10.0.0.7:8080", "10.0.0.7")]
    [InlineData("Host=192.168.1.4;Port=5432", "192.168.1.4")]
    [InlineData("http://[fd00::12]:8080", "fd00::12")]
    [InlineData("--listen=fe80::1%eth0", "fe80::1")]
    [InlineData("http://0.0.0.0:8080", null)]
    [InlineData("http://[::]:8080", null)]
    [InlineData("ghcr.io/cloudnative-pg/pgvector:0.8.1-18-trixie", null)]
    [InlineData("sha256:0123456789abcdef", null)]
    [InlineData("00:10:00", null)]
    [InlineData("http://library-service.ai-control.svc:8080", null)]
    public void An_address_is_seen_wherever_it_stands(string text, string? address) =>
        Addresses(text).ShouldBe(address is null ? [] : [address]);

    [Theory]
    [InlineData("http://library-service.ai-control.svc:8080", "library-service.ai-control.svc")]
    [InlineData("http://$(POD_NAME).worker-service.ai-models.svc:8080", "worker-service.ai-models.svc")]
    [InlineData("Host=postgres-rw.ai-infra.svc;Port=5432", "postgres-rw.ai-infra.svc")]
    [InlineData("Endpoint=https://s3.example.com;Bucket=b", "s3.example.com")]
    [InlineData("library-service.ai-control.svc", "library-service.ai-control.svc")]
    [InlineData("http://worker", "worker")]
    [InlineData("/var/lib/aifactory/worker", null)]
    public void A_host_is_seen_wherever_it_stands(string text, string? host) =>
        Hosts(text).ShouldBe(host is null ? [] : [host]);

    private static IEnumerable<string> AddressesOf(IEnumerable<JsonObject> manifests) => manifests
        .SelectMany(manifest => Texts(manifest, $"{manifest.Kind()}/{manifest.Name()}"))
        .Where(text => !text.Path.EndsWith(".ipBlock.cidr", StringComparison.Ordinal))
        .SelectMany(text => Addresses(text.Value).Select(address => $"{text.Path}: {address}"));

    private async Task<IEnumerable<string>> UnknownHostsAsync(IReadOnlyList<JsonObject> manifests, string? values)
    {
        var known = manifests.Where(manifest => manifest.Kind() == "Service").Select(service => $"{service.Name()}.{service.Namespace()}.svc")
            .Concat(manifests.Where(manifest => manifest.Kind() == "Cluster").Select(cluster => $"{cluster.Name()}-rw.{cluster.Namespace()}.svc"))
            .Concat(Given(await File.ReadAllTextAsync(Path.Combine(chart.Folder, "values.yaml"), TestContext.Current.CancellationToken)))
            .Concat(Given(values ?? ""))
            .ToHashSet();
        return manifests.SelectMany(Settings).SelectMany(text => Hosts(text.Value)).Distinct().Where(host => !known.Contains(host));
    }

    /// <summary>What a process is told: settings, environment, arguments.</summary>
    private static IEnumerable<(string Path, string Value)> Settings(JsonObject manifest)
    {
        var name = $"{manifest.Kind()}/{manifest.Name()}";
        var containers = manifest.Kind() == "ServingRuntime" ? manifest.At("spec.containers").Items() : (manifest.Pod() ?? manifest.At("spec.predictor")).At("containers").Items();
        return (manifest.Kind() == "ConfigMap" ? Texts(manifest["data"], name) : [])
            .Concat(containers.Append(manifest.At("spec.predictor.model")).SelectMany(container => new[] { "env", "args", "command" }.SelectMany(part => Texts(container.At(part), $"{name}.{part}"))))
            .Concat(Texts(manifest.At("spec.predictor.model.storageUri"), name));
    }

    // A value of config is a setting itself, and no reason for one.
    private static IEnumerable<string> Given(string values) => Manifests.Parse(values)
        .SelectMany(map => map.Where(section => section.Key != "config"))
        .SelectMany(section => Texts(section.Value, section.Key))
        .SelectMany(text => Hosts(text.Value).Append(text.Value));

    private static IEnumerable<(string Path, string Value)> Texts(JsonNode? node, string path) => node switch
    {
        JsonObject map => map.SelectMany(entry => Texts(entry.Value, $"{path}.{entry.Key}")),
        JsonArray list => list.SelectMany((item, index) => Texts(item, $"{path}[{index}]")),
        null => [],
        _ => [(path, node.ToString())],
    };

    private static IEnumerable<string> Addresses(string text) => Address().Matches(text).Select(match => match.Value)
        .Where(value => IPAddress.TryParse(value, out var address) && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any));

    private static IEnumerable<string> Hosts(string text) => Host().Matches(text).Select(match => match.Groups["host"].Value).Distinct();

    [GeneratedRegex(@"(?<![\w.])\d{1,3}(\.\d{1,3}){3}(?![\w.])|(?<![\w:])[0-9A-Fa-f]*(:[0-9A-Fa-f]*){2,}(?![\w:])")]
    private static partial Regex Address();

    // Behind a scheme or Host=, without what the kubelet puts before it; or by the end that names in a cluster have.
    [GeneratedRegex(@"(//|\bHost=)(\$\(\w+\)\.)?(?<host>[A-Za-z0-9][A-Za-z0-9.-]*)|(?<![\w./=-])(?<host>[a-z0-9-]+\.[a-z0-9-]+\.svc)\b")]
    private static partial Regex Host();
}
