using System.Text.Json.Nodes;

namespace AiFactory.Hosting.Tests.Kubernetes;

/// <summary>Who may speak to whom: nothing by default, then each line of the AppHost once.</summary>
public sealed class ChartNetworkTests(PublishedChart chart) : IClassFixture<PublishedChart>
{
    // AppHost.cs: who refers to whom. Gateway and library learn of workers at run time; the library opens a connection to one that is silent, and a refusal means that it is gone.
    private static readonly (string Source, string Target)[] Calls =
    [
        ("builder", "gateway"), ("executor", "gateway"), ("gateway", "builder"), ("gateway", "library"), ("gateway", "worker"), ("library", "worker"), ("worker", "library"),
    ];

    [Fact]
    public async Task Every_namespace_denies_both_ways_and_allows_names_to_be_asked_for()
    {
        var policies = await PoliciesAsync();
        foreach (var place in (await chart.RenderAsync()).Where(manifest => manifest.Kind() == "Namespace").Select(manifest => manifest.Name()))
        {
            var deny = policies.Single(policy => policy.Namespace() == place && policy.Name() == "default-deny");
            deny.At("spec.podSelector").ShouldBeOfType<JsonObject>().Count.ShouldBe(0);
            deny.At("spec.policyTypes").Items().Select(type => type.ToString()).ShouldBe(["Ingress", "Egress"]);
            deny.At("spec.egress").ShouldBeNull();
            deny.At("spec.ingress").ShouldBeNull();
            policies.Single(policy => policy.Namespace() == place && policy.Name() == "dns").At("spec.egress").Items().ShouldHaveSingleItem()
                .At("ports").Items().Select(port => $"{port.Text("protocol")} {port.Text("port")}").ShouldBe(["UDP 53", "TCP 53"]);
        }
    }

    [Fact]
    public async Task Each_call_of_the_model_is_allowed_once_out_and_once_in_and_no_other()
    {
        var policies = await PoliciesAsync();
        var services = new[] { "builder", "executor", "gateway", "library", "worker" };
        foreach (var source in services)
        {
            foreach (var target in services)
            {
                var expected = Calls.Contains((source, target)) ? 1 : 0;
                policies.Count(policy => Selects(policy, source) && Rules(policy, "egress", "to").Any(peer => Component(peer) == target)).ShouldBe(expected, $"{source} out to {target}");
                policies.Count(policy => Selects(policy, target) && Rules(policy, "ingress", "from").Any(peer => Component(peer) == source)).ShouldBe(expected, $"{target} in from {source}");
            }
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData(ChangedValues.Yaml)]
    public async Task No_policy_selects_or_names_what_is_not_there(string? values)
    {
        var manifests = await chart.RenderAsync(values);
        var pods = manifests.Where(manifest => manifest.Pod() is not null)
            .Select(manifest => (Place: manifest.Namespace(), Labels: manifest.At("spec.template.metadata.labels").Map())).ToList();
        var namespaces = manifests.Where(manifest => manifest.Kind() == "Namespace").Select(manifest => manifest.Name()).ToHashSet();
        foreach (var policy in manifests.Where(manifest => manifest.Kind() == "NetworkPolicy"))
        {
            ShouldExist(policy.Namespace(), policy.At("spec.podSelector"), policy.Name());
            foreach (var peer in Rules(policy, "egress", "to").Concat(Rules(policy, "ingress", "from")))
            {
                var place = Place(peer);
                if (place.Length == 0 || namespaces.Contains(place))
                {
                    ShouldExist(place.Length == 0 ? policy.Namespace() : place, peer.At("podSelector"), policy.Name());
                }
            }
        }

        void ShouldExist(string place, JsonNode? selector, string policy)
        {
            var labels = selector.At("matchLabels").Map();
            if (labels.Keys.Any(label => label.StartsWith("app.kubernetes.io/", StringComparison.Ordinal)))
            {
                pods.ShouldContain(pod => pod.Place == place && labels.All(label => pod.Labels.GetValueOrDefault(label.Key) == label.Value), $"{policy} selects {string.Join(", ", labels)} in {place}");
            }
        }
    }

    [Theory]
    [InlineData(null, "8080")]
    [InlineData(ChangedValues.Yaml, "9090")]
    public async Task Only_the_gateway_has_a_public_door_and_it_has_TLS(string? values, string port)
    {
        var manifests = await chart.RenderAsync(values);
        var ingress = manifests.Single(manifest => manifest.Kind() == "Ingress");
        var host = ingress.At("spec.rules").Items().ShouldHaveSingleItem().Text("host");
        var tls = ingress.At("spec.tls").Items().ShouldHaveSingleItem();
        tls.At("hosts").Items().Select(name => name.ToString()).ShouldBe([host]);
        tls.Text("secretName").ShouldNotBeEmpty();
        manifests.Where(manifest => manifest.Kind() == "Service").ShouldAllBe(service => service.Text("spec.type") == "ClusterIP");
        var open = manifests.Single(manifest => manifest.Name() == "gateway-from-ingress");
        Rules(open, "ingress", "from").Select(Place).ShouldBe(["ingress-nginx"]);
        var backend = ingress.At("spec.rules").Items().Single().At("http.paths").Items().ShouldHaveSingleItem().At("backend.service");
        manifests.ShouldContain(manifest => manifest.Kind() == "Service" && manifest.Namespace() == ingress.Namespace() && manifest.Name() == backend.Text("name")
            && manifest.At("spec.ports").Items().Any(offered => offered.Text("name") == backend.Text("port.name")));
        open.At("spec.ingress").Items().ShouldHaveSingleItem().At("ports").Items().Select(allowed => allowed.Text("port")).ShouldBe([port]);
    }

    [Fact]
    public async Task Metrics_can_be_read_from_every_service()
    {
        var policies = await PoliciesAsync();
        foreach (var service in new[] { "builder", "executor", "gateway", "library", "worker" })
        {
            policies.Count(policy => Selects(policy, service) && Rules(policy, "ingress", "from").Any(peer => Place(peer) == "ai-observability")).ShouldBe(1, service);
        }
    }

    private async Task<IReadOnlyList<JsonObject>> PoliciesAsync() =>
        [.. (await chart.RenderAsync()).Where(manifest => manifest.Kind() == "NetworkPolicy")];

    private static bool Selects(JsonObject policy, string component) => Component(policy.At("spec")) == component;

    private static string Component(JsonNode? holder) => holder.At("podSelector.matchLabels").Map().GetValueOrDefault("app.kubernetes.io/component", "");

    private static string Place(JsonNode peer) => peer.At("namespaceSelector.matchLabels").Map().GetValueOrDefault("kubernetes.io/metadata.name", "");

    private static IEnumerable<JsonNode> Rules(JsonObject policy, string direction, string peers) =>
        policy.At($"spec.{direction}").Items().SelectMany(rule => rule.At(peers).Items());
}
