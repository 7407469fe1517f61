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

    private static string Cluster(string owner) =>
        $"{{ apiVersion: postgresql.cnpg.io/v1, kind: Cluster, metadata: {{ name: postgres, namespace: ai-infra }}, spec: {{ bootstrap: {{ initdb: {{ database: builder, owner: {owner} }} }} }} }}";
}
