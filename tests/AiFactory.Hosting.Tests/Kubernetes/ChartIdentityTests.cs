using System.Text;
using System.Text.Json.Nodes;
using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.Hosting.Tests.Kubernetes;

/// <summary>Who holds the key that signs identities: an administrator's too.</summary>
public sealed class ChartIdentityTests(PublishedChart chart) : IClassFixture<PublishedChart>
{
    private const string Key = "a-key-of-the-factory-that-is-long-enough";

    [Fact]
    public async Task The_factorys_key_is_the_same_in_its_own_namespaces_and_in_no_other()
    {
        var secrets = Secrets(await chart.RenderAsync());
        var key = secrets.Single(secret => secret is { Namespace: "ai-control", Name: "identity" }).Value;
        key.Length.ShouldBe(48);
        secrets.Where(secret => secret.Value.Contains(key, StringComparison.Ordinal)).Select(secret => $"{secret.Namespace}/{secret.Name}")
            .ShouldBe(["ai-control/identity", "ai-gateway/identity", "ai-models/identity"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_project_has_a_key_that_is_made_from_the_factorys()
    {
        var manifests = await chart.RenderAsync();
        var secrets = Secrets(manifests);
        var factory = secrets.Single(secret => secret is { Namespace: "ai-control", Name: "identity" }).Value;
        secrets.Single(secret => secret is { Namespace: "ai-project-default", Name: "identity" }).Value.ShouldBe(ProjectIdentityKey.Derive(factory, "ai-project-default"));

        var runtime = manifests.Single(manifest => manifest.Kind() == "ServingRuntime" && manifest.Name() == "aifactory-worker");
        var read = runtime.At("spec.containers").Items().Single().At("env").Items().Single(variable => variable.Text("name") == "Identity__Key").At("valueFrom.secretKeyRef");
        (read.Text("name"), read.Text("key")).ShouldBe(("identity", "identity-key"));
    }

    [Fact]
    public async Task A_project_with_the_factorys_Secret_is_refused_also_without_KServe()
    {
        var (code, _, error) = await chart.TemplateAsync("{ secrets: { identity: { existingSecret: keys } }, projects: { default: { identity: { existingSecret: keys } } } }", inCluster: false);
        code.ShouldNotBe(0);
        error.ShouldContain("are both keys");
    }

    [Fact]
    public async Task Of_one_key_each_namespace_has_its_own_and_has_it_again_at_the_next_upgrade()
    {
        var first = await ProjectKeyAsync("one");
        first.ShouldBe(ProjectIdentityKey.Derive(Key, "one-project-default"));
        (await ProjectKeyAsync("one")).ShouldBe(first);
        (await ProjectKeyAsync("two")).ShouldNotBe(first);
    }

    [Fact]
    public async Task Who_makes_the_secrets_is_told_that_a_projects_is_another()
    {
        var (code, output, error) = await chart.HelmAsync(
            "install", "ai", chart.Folder, "--dry-run=client", "--set", "secrets.identity.existingSecret=factory", "--set", "projects.default.identity.existingSecret=own");
        code.ShouldBe(0, error);
        output.ShouldContain("Secret \"own\" with identity-key must be in ai-project-default: a key made from the factory's, never the factory's own");
        Secrets(Manifests.Parse(output[output.IndexOf("---", StringComparison.Ordinal)..output.IndexOf("NOTES:", StringComparison.Ordinal)])).ShouldNotContain(secret => secret.Name == "identity");
    }

    /// <summary>As at an upgrade, where the chart finds the factory's key in the cluster.</summary>
    private async Task<string> ProjectKeyAsync(string release)
    {
        var (code, output, error) = await chart.HelmAsync("template", release, chart.Folder, "--kube-version", "1.36.0", "--skip-schema-validation", "--set", $"generated.identity={Key}");
        code.ShouldBe(0, error);
        var secrets = Secrets(Manifests.Parse(output));
        secrets.Single(secret => secret.Namespace == $"{release}-control" && secret.Name == "identity").Value.ShouldBe(Key);
        return secrets.Single(secret => secret.Namespace == $"{release}-project-default" && secret.Name == "identity").Value;
    }

    private static List<(string Namespace, string Name, string Value)> Secrets(IEnumerable<JsonObject> manifests) =>
        [.. from manifest in manifests
            where manifest.Kind() == "Secret"
            from value in manifest.At("data").Map().Values
            select (manifest.Namespace(), manifest.Name(), Encoding.UTF8.GetString(Convert.FromBase64String(value)))];
}
