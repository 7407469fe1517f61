using System.Globalization;
using System.Text.Json.Nodes;

namespace AiFactory.Hosting.Tests.Kubernetes;

/// <summary>Which connections pass in a cluster that obeys the rendered policies: from each to each, on each port that a policy names and on some that none names.</summary>
public sealed class ChartReachTests(PublishedChart chart) : IClassFixture<PublishedChart>
{
    // The library and the database's instances reach any private address on the API server's ports, for it is one of them; networkPolicies.apiServerCidrs says which.
    private static readonly string[] AsPublished =
    [
        "builder -> gateway 8080",
        "builder -> postgres 5432",
        "builder -> objects 9000",
        "builder -> dns 53 53/UDP",
        "executor -> gateway 8080",
        "executor -> postgres 5432",
        "executor -> objects 9000",
        "executor -> dns 53 53/UDP",
        "gateway -> builder 8080",
        "gateway -> library 8080",
        "gateway -> worker 8080",
        "gateway -> model 8080",
        "gateway -> postgres 5432",
        "gateway -> objects 9000",
        "gateway -> dns 53 53/UDP",
        "library -> worker 8080",
        "library -> postgres 5432",
        "library -> objects 443 6443 9000",
        "library -> dns 53 443 6443 53/UDP",
        "library -> kubernetes 443 6443",
        "library -> ingress 443 6443",
        "library -> operator 443 6443",
        "library -> stranger 443 6443",
        "library -> twin 443 6443",
        "worker -> library 8080",
        "worker -> objects 9000",
        "worker -> dns 53 53/UDP",
        "model -> objects 9000",
        "model -> dns 53 53/UDP",
        "postgres -> postgres 5432 8000",
        "postgres -> dns 53 443 6443 53/UDP",
        "postgres -> kubernetes 443 6443",
        "postgres -> objects 443 6443",
        "postgres -> ingress 443 6443",
        "postgres -> operator 443 6443",
        "postgres -> stranger 443 6443",
        "postgres -> twin 443 6443",
        "ingress -> gateway 8080",
        "operator -> postgres 5432 8000",
        "monitoring -> builder 8080",
        "monitoring -> executor 8080",
        "monitoring -> gateway 8080",
        "monitoring -> library 8080",
        "monitoring -> worker 8080",
        "monitoring -> model 8080",
        "monitoring -> postgres 9187",
        "guest -> dns 53 53/UDP",
    ];

    private static readonly string[] Changed =
    [
        "builder -> gateway 9090",
        "builder -> database 5432",
        "builder -> store 443",
        "builder -> monitoring 4317 4318",
        "builder -> dns 53 53/UDP",
        "executor -> gateway 9090",
        "executor -> database 5432",
        "executor -> store 443",
        "executor -> monitoring 4317 4318",
        "executor -> dns 53 53/UDP",
        "gateway -> builder 8080",
        "gateway -> library 8080",
        "gateway -> worker 8080",
        "gateway -> model 8080",
        "gateway -> database 5432",
        "gateway -> store 443",
        "gateway -> monitoring 4317 4318",
        "gateway -> partner 443",
        "gateway -> provider 8443",
        "gateway -> dns 53 53/UDP",
        "library -> worker 8080",
        "library -> database 5432",
        "library -> store 443",
        "library -> monitoring 4317 4318",
        "library -> kubernetes 6443",
        "library -> dns 53 53/UDP",
        "worker -> library 8080",
        "worker -> store 443",
        "worker -> monitoring 4317 4318",
        "worker -> dns 53 53/UDP",
        "model -> store 443",
        "model -> monitoring 4317 4318",
        "model -> dns 53 53/UDP",
        "ingress -> gateway 9090",
        "monitoring -> builder 8080",
        "monitoring -> executor 8080",
        "monitoring -> gateway 9090",
        "monitoring -> library 8080",
        "monitoring -> worker 8080",
        "monitoring -> model 8080",
        "postgres -> dns 53 53/UDP",
        "guest -> dns 53 53/UDP",
    ];

    [Fact]
    public async Task As_published_these_connections_pass_and_no_other() =>
        ShouldBeThese(await PassingAsync(null, "ai", "ai-observability"), AsPublished);

    [Fact]
    public async Task With_changed_values_these_connections_pass_and_no_other() =>
        ShouldBeThese(await PassingAsync(ChangedValues.Yaml, "acme", "monitoring"), Changed);

    /// <summary>Two pods find each other by their labels: with Cilium, where an address block takes none, all passes but what the library and the database may reach because the API server could be there.</summary>
    [Fact]
    public async Task No_connection_between_pods_needs_an_address()
    {
        ShouldBeThese(
            await PassingAsync(null, "ai", "ai-observability", blocksTakePods: false),
            [.. AsPublished.Select(edge => edge.EndsWith("-> kubernetes 443 6443", StringComparison.Ordinal) ? edge : edge.Replace(" 443 6443", "", StringComparison.Ordinal)).Where(edge => edge.Any(char.IsDigit))]);
        ShouldBeThese(await PassingAsync(ChangedValues.Yaml, "acme", "monitoring", blocksTakePods: false), Changed);
    }

    [Fact]
    public async Task Of_the_API_servers_addresses_the_one_that_is_named_is_reached() =>
        (await PassingAsync("networkPolicies: { apiServerCidrs: [10.0.0.2/32] }", "ai", "ai-observability"))
            .Where(edge => edge.StartsWith("postgres", StringComparison.Ordinal) || edge.StartsWith("library", StringComparison.Ordinal))
            .ShouldBe(
                [
                    "postgres -> postgres 5432 8000", "postgres -> dns 53 53/UDP", "postgres -> kubernetes 443 6443",
                    "library -> worker 8080", "library -> postgres 5432", "library -> objects 9000", "library -> dns 53 53/UDP", "library -> kubernetes 443 6443",
                ],
                ignoreOrder: true);

    [Fact]
    public async Task A_library_that_writes_to_no_cluster_does_not_reach_the_API_server() =>
        (await PassingAsync("approvedModels: { enabled: false }", "ai", "ai-observability")).Where(edge => edge.StartsWith("library", StringComparison.Ordinal))
            .ShouldBe(["library -> worker 8080", "library -> postgres 5432", "library -> objects 9000", "library -> dns 53 53/UDP"], ignoreOrder: true);

    [Fact]
    public async Task A_collector_in_the_observability_namespace_is_reached() =>
        (await PassingAsync("telemetry: { otlpEndpoint: 'http://collector.ai-observability.svc:4318' }", "ai", "ai-observability")).Where(edge => edge.Contains("-> monitoring", StringComparison.Ordinal))
            .ShouldBe(new[] { "builder", "executor", "gateway", "library", "worker", "model" }.Select(source => $"{source} -> monitoring 4317 4318"), ignoreOrder: true);

    [Theory]
    [InlineData("objectStorage: { endpoint: 'http://store.storage.svc.cluster.local:9000' }", true)]
    [InlineData("objectStorage: { endpoint: 'http://store.storage.svc:9000', podLabels: { app: store } }", true)]
    [InlineData("objectStorage: { endpoint: 'http://store.storage.svc:9000', podLabels: { app: other } }", false)]
    public async Task An_object_store_in_the_cluster_is_known_by_its_name(string values, bool passes)
    {
        var manifests = await chart.RenderAsync(values);
        var simulator = new PolicySimulator(manifests);
        var store = NetworkPeer.Pod("store", "storage", Labels("app", "store"), "10.244.9.9");
        foreach (var source in Services(manifests))
        {
            simulator.Passes(source, store, "TCP", 9000).ShouldBe(passes, source.Name);
        }
    }

    [Theory]
    [InlineData("https://s3.acme.example", "[203.0.113.10/32]", "null", 443)]
    [InlineData("http://s3.acme.example", "[203.0.113.10/32]", "null", 80)]
    [InlineData("https://s3.acme.example:9443", "[203.0.113.10/32]", "null", 9443)]
    [InlineData("https://[2001:db8::10]", "['2001:db8::10/128']", "null", 443)]
    [InlineData("https://[2001:db8::10]:9443", "['2001:db8::10/128']", "9443", 9443)]
    [InlineData("http://store.storage.svc", "[]", "null", 80)]
    [InlineData("http://store.storage.svc", "[]", "9000", 9000)]
    public async Task A_store_is_reached_on_the_port_that_its_endpoint_is_called_on(string endpoint, string cidrs, string named, int port)
    {
        var manifests = await chart.RenderAsync($"objectStorage: {{ endpoint: '{endpoint}', cidrs: {cidrs}, port: {named} }}");
        foreach (var policy in new[] { "builder-to-objects", "executor-to-objects", "gateway-to-objects", "library-to-objects", "worker-to-objects", "models" })
        {
            manifests.Single(manifest => manifest.Kind() == "NetworkPolicy" && manifest.Name() == policy).At("spec.egress").Items().ShouldHaveSingleItem()
                .At("ports").Items().ShouldHaveSingleItem().Text("port").ShouldBe($"{port}", policy);
        }
    }

    private async Task<IReadOnlyList<string>> PassingAsync(string? values, string prefix, string monitoring, bool blocksTakePods = true)
    {
        var manifests = await chart.RenderAsync(values);
        var simulator = new PolicySimulator(manifests, blocksTakePods);
        var ports = simulator.Ports.Concat([("TCP", 1), ("TCP", 22), ("TCP", 80), ("TCP", 443), ("TCP", 8443), ("UDP", 443)]).Distinct()
            .OrderBy(port => port.Item1, StringComparer.Ordinal).ThenBy(port => port.Item2).ToList();
        List<NetworkPeer> ours =
        [
            .. Services(manifests),
            NetworkPeer.Pod("model", $"{prefix}-project-default", Labels("serving.kserve.io/inferenceservice", "demo-chat"), "10.244.1.1"),
            NetworkPeer.Pod("postgres", $"{prefix}-infra", Labels("cnpg.io/cluster", "postgres"), "10.244.1.2"),
            NetworkPeer.Pod("guest", $"{prefix}-control", Labels("app", "whatever"), "10.244.1.3"),
        ];
        List<NetworkPeer> others =
        [
            NetworkPeer.Pod("objects", "minio", Labels("app", "minio"), "10.244.2.1"),
            NetworkPeer.Pod("dns", "kube-system", Labels("k8s-app", "kube-dns"), "10.244.2.2"),
            NetworkPeer.Pod("ingress", "ingress-nginx", Labels("app", "controller"), "10.244.2.3"),
            NetworkPeer.Pod("operator", "cnpg-system", Labels("app", "operator"), "10.244.2.4"),
            NetworkPeer.Pod("monitoring", monitoring, Labels("app", "prometheus"), "10.244.2.5"),
            NetworkPeer.Pod("stranger", "elsewhere", Labels("app", "stranger"), "10.244.2.6"),
            NetworkPeer.Pod("twin", "two-gateway", new Dictionary<string, string>(ours.Single(peer => peer.Name == "gateway").Labels) { ["app.kubernetes.io/instance"] = "two" }, "10.244.2.7"),
            NetworkPeer.Outside("kubernetes", "10.0.0.2"),
            NetworkPeer.Outside("database", "203.0.113.20"),
            NetworkPeer.Outside("store", "203.0.113.10"),
            NetworkPeer.Outside("partner", "198.51.100.1"),
            NetworkPeer.Outside("provider", "203.0.113.30"),
            NetworkPeer.Outside("metadata", "169.254.169.254"),
            NetworkPeer.Outside("internet", "203.0.113.7"),
        ];
        return [.. from source in ours.Concat(others)
                   from destination in ours.Concat(others)
                   where ours.Contains(source) || ours.Contains(destination)
                   let open = ports.Where(port => simulator.Passes(source, destination, port.Item1, port.Item2)).Select(Name).ToList()
                   where open.Count > 0
                   select $"{source.Name} -> {destination.Name} {string.Join(' ', open)}"];
    }

    private static void ShouldBeThese(IReadOnlyList<string> passing, IReadOnlyList<string> expected)
    {
        passing.Except(expected).ShouldBeEmpty("it passes, and the table does not say so");
        expected.Except(passing).ShouldBeEmpty("the table says so, and it does not pass");
    }

    private static IReadOnlyList<NetworkPeer> Services(IEnumerable<JsonObject> manifests) =>
        [.. manifests.Where(manifest => manifest.Pod() is not null)
            .Select((manifest, i) => NetworkPeer.Pod(manifest.Name(), manifest.Namespace(), manifest.At("spec.template.metadata.labels").Map(), $"10.244.0.{i + 1}"))];

    private static Dictionary<string, string> Labels(string name, string value) => new() { [name] = value };

    private static string Name((string Protocol, int Port) port) => string.Create(CultureInfo.InvariantCulture, $"{port.Port}{(port.Protocol == "TCP" ? "" : $"/{port.Protocol}")}");
}
