using System.Text;
using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.Hosting.Tests.Kubernetes;

/// <summary>What the chart makes of what it finds in a cluster.</summary>
public sealed class ChartUpgradeTests(PublishedChart chart) : IClassFixture<PublishedChart>
{
    [Fact]
    public async Task An_upgrade_from_one_owner_of_all_databases_is_refused_with_what_to_do()
    {
        var (code, _, error) = await chart.UpgradeAsync(null, Cluster("aifactory"));
        code.ShouldNotBe(0);
        error.ShouldContain("the databases of the Cluster postgres in ai-infra belong to aifactory");
        error.ShouldContain("reassign owned by aifactory to");
        error.ShouldContain("""--patch '{"spec":{"bootstrap":{"initdb":{"owner":"builder","secret":{"name":"builderdb"}}}}}'""");
    }

    [Theory]
    [InlineData("builder", null)]
    [InlineData("acme_builder", "postgres: { usernames: { builderdb: acme_builder } }")]
    public async Task And_goes_on_when_the_owner_is_the_one_that_the_chart_names(string owner, string? values)
    {
        var (code, output, error) = await chart.UpgradeAsync(values, Cluster(owner));
        code.ShouldBe(0, error);
        Manifests.Parse(output).Single(manifest => manifest.Kind() == "Cluster").Text("spec.bootstrap.initdb.owner").ShouldBe(owner);
    }

    [Fact]
    public async Task A_first_installation_finds_nothing_and_goes_on()
    {
        var (code, _, error) = await chart.UpgradeAsync(null);
        code.ShouldBe(0, error);
    }

    [Theory]
    [InlineData("postgres-cluster", 1)]
    [InlineData("library-to-kubernetes", 0)]
    public async Task Who_calls_the_API_server_reaches_it_where_the_cluster_says_that_it_is(string policy, int otherRules)
    {
        const string Public = "{ apiVersion: v1, kind: Endpoints, metadata: { name: kubernetes, namespace: default }, subsets: [{ addresses: [{ ip: 203.0.113.50 }, { ip: '2001:db8::50' }], ports: [{ port: 8443 }] }, { notReadyAddresses: [{ ip: 203.0.113.51 }], ports: [{ port: 8443 }] }] }";
        (await OutAsync(Public)).ShouldBe(["10.0.0.0/8 100.64.0.0/10 172.16.0.0/12 192.168.0.0/16 fc00::/7 on 443 6443", "203.0.113.50/32 2001:db8::50/128 on 8443"]);
        (await OutAsync()).ShouldBe(["10.0.0.0/8 100.64.0.0/10 172.16.0.0/12 192.168.0.0/16 fc00::/7 on 443 6443"]);

        async Task<IEnumerable<string>> OutAsync(params string[] objects)
        {
            var (code, output, error) = await chart.UpgradeAsync(null, objects);
            code.ShouldBe(0, error);
            return Manifests.Parse(output).Single(manifest => manifest.Name() == policy).At("spec.egress").Items().Skip(otherRules)
                .Select(rule => $"{string.Join(' ', rule.At("to").Items().Select(peer => peer.Text("ipBlock.cidr")))} on {string.Join(' ', rule.At("ports").Items().Select(port => port.Text("port")))}");
        }
    }

    [Theory]
    [InlineData("{}", true)]
    [InlineData("networkPolicies: { enabled: false }", false)]
    public async Task Who_renders_without_a_cluster_is_told_to_name_the_API_server(string values, bool told)
    {
        var (code, output, error) = await chart.HelmAsync(["install", "ai", chart.Folder, "--dry-run=client", .. await chart.ValuesAsync(values)]);
        code.ShouldBe(0, error);
        output[output.IndexOf("NOTES:", StringComparison.Ordinal)..].Contains("networkPolicies.apiServerCidrs must hold the API server's addresses", StringComparison.Ordinal).ShouldBe(told);
    }

    [Fact]
    public async Task A_factorys_key_that_projects_once_held_is_not_used_again()
    {
        const string Earlier = "an-earlier-key-that-stood-in-a-project-as-well-as-here";
        var (control, project) = await KeysAsync(Secret("ai-control", "identity-key", Earlier), Secret("ai-project-default", "identity-key", Earlier));
        control.Keys.ShouldBe(["signing-key"]);
        control["signing-key"].ShouldNotBe(Earlier);
        control["signing-key"].Length.ShouldBe(48);
        project["identity-key"].ShouldBe(ProjectIdentityKey.Derive(control["signing-key"], "ai-project-default"));
    }

    [Fact]
    public async Task And_the_one_that_was_made_since_is_kept()
    {
        const string Key = "a-key-that-stands-in-the-factorys-namespaces-alone";
        var (control, project) = await KeysAsync(Secret("ai-gateway", "signing-key", Key));
        control["signing-key"].ShouldBe(Key);
        project["identity-key"].ShouldBe(ProjectIdentityKey.Derive(Key, "ai-project-default"));
    }

    private async Task<(Dictionary<string, string> Control, Dictionary<string, string> Project)> KeysAsync(params string[] objects)
    {
        var (code, output, error) = await chart.UpgradeAsync(null, objects);
        code.ShouldBe(0, error);
        var manifests = Manifests.Parse(output);
        return (Data("ai-control"), Data("ai-project-default"));

        Dictionary<string, string> Data(string place) => manifests.Single(manifest => manifest.Kind() == "Secret" && manifest.Name() == "identity" && manifest.Namespace() == place)
            .At("data").Map().ToDictionary(entry => entry.Key, entry => Encoding.UTF8.GetString(Convert.FromBase64String(entry.Value)));
    }

    private static string Secret(string place, string key, string value) =>
        $"{{ apiVersion: v1, kind: Secret, metadata: {{ name: identity, namespace: {place} }}, data: {{ {key}: {Convert.ToBase64String(Encoding.UTF8.GetBytes(value))} }} }}";

    private static string Cluster(string owner) =>
        $"{{ apiVersion: postgresql.cnpg.io/v1, kind: Cluster, metadata: {{ name: postgres, namespace: ai-infra }}, spec: {{ bootstrap: {{ initdb: {{ database: builder, owner: {owner} }} }} }} }}";
}
