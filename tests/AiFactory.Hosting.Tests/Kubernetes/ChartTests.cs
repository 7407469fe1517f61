using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AiFactory.Testing;

namespace AiFactory.Hosting.Tests.Kubernetes;

/// <summary>The chart as files, and as a whole.</summary>
public sealed partial class ChartTests(PublishedChart chart) : IClassFixture<PublishedChart>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Publishing_again_gives_the_same_bytes()
    {
        var again = await chart.PublishAsync("again");
        var first = await FilesAsync(chart.Folder);
        var second = await FilesAsync(again);
        second.Keys.ShouldBe(first.Keys);
        foreach (var (file, bytes) in first)
        {
            second[file].SequenceEqual(bytes).ShouldBeTrue(file);
        }

        await chart.PublishAsync("again");
        (await FilesAsync(again)).Keys.ShouldBe(first.Keys, "over an earlier chart nothing is left of it");
    }

    [Fact]
    public async Task Files_have_no_path_of_this_machine_no_carriage_return_and_no_secret()
    {
        foreach (var (file, bytes) in await FilesAsync(chart.Folder))
        {
            var text = System.Text.Encoding.UTF8.GetString(bytes);
            text.ShouldNotContain(RepositoryFolder.Root, customMessage: file);
            text.ShouldNotContain("\r", customMessage: file);
            text.ShouldNotContain("<<", customMessage: file);
            text.ShouldNotContain(Environment.MachineName, customMessage: file);
            SecretValue().IsMatch(text).ShouldBeFalse(file);
        }
    }

    [Fact]
    public async Task Files_are_named_by_kind_and_name_and_hold_one_object()
    {
        foreach (var file in Directory.GetFiles(Path.Combine(chart.Folder, "templates"), "*.yaml", SearchOption.AllDirectories))
        {
            var text = await File.ReadAllTextAsync(file, Token);
            var kinds = Kind().Matches(text);
            kinds.Count.ShouldBe(1, file);
            Path.GetFileName(file).ShouldStartWith($"{kinds[0].Groups["kind"].Value.ToLowerInvariant()}-");
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData(ChangedValues.Yaml)]
    public async Task Helm_lints_it_strictly(string? values)
    {
        var (code, output, error) = await chart.HelmAsync(["lint", "--strict", chart.Folder, .. await chart.ValuesAsync(values)]);
        code.ShouldBe(0, output + error);
    }

    [Fact]
    public async Task And_would_not_lint_a_value_that_is_wrong()
    {
        var (code, output, error) = await chart.HelmAsync(["lint", "--strict", chart.Folder, .. await chart.ValuesAsync("gatway: { replicas: 3 }")]);
        code.ShouldNotBe(0);
        (output + error).ShouldContain("gatway");
    }

    [Theory]
    [InlineData(null)]
    [InlineData(ChangedValues.Yaml)]
    public async Task Every_object_is_what_the_API_server_takes(string? values)
    {
        var validator = new SchemaValidator();
        var manifests = await chart.RenderAsync(values);
        manifests.Count.ShouldBeGreaterThan(60);
        manifests.SelectMany(validator.Faults).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(null)]
    [InlineData(ChangedValues.Yaml)]
    public async Task Names_fit_and_labels_are_the_recommended_ones(string? values)
    {
        foreach (var manifest in await chart.RenderAsync(values))
        {
            manifest.Name().Length.ShouldBeInRange(1, 63);
            var labels = manifest.At("metadata.labels").Map();
            foreach (var label in new[] { "app.kubernetes.io/name", "app.kubernetes.io/instance", "app.kubernetes.io/component", "app.kubernetes.io/version", "app.kubernetes.io/part-of", "app.kubernetes.io/managed-by", "helm.sh/chart" })
            {
                labels.Keys.ShouldContain(label, $"{manifest.Kind()} {manifest.Name()}");
            }

            foreach (var selector in Selectors(manifest))
            {
                selector.Keys.ShouldNotContain("app.kubernetes.io/version");
                selector.Keys.ShouldNotContain("helm.sh/chart");
            }
        }
    }

    [Fact]
    public async Task Nothing_is_null_and_no_map_is_empty_but_the_selector_of_all_pods()
    {
        foreach (var manifest in await chart.RenderAsync())
        {
            Holes(manifest, "").Where(path => !(manifest.Kind() == "NetworkPolicy" && path == ".spec.podSelector")).ShouldBeEmpty($"{manifest.Kind()} {manifest.Name()}");
        }
    }

    [Fact]
    public async Task Two_releases_share_nothing()
    {
        static HashSet<string> Ids(IEnumerable<JsonObject> manifests) => [.. manifests.Select(manifest => $"{manifest.Kind()} {manifest.Namespace()}/{manifest.Name()}")];
        var first = Ids(await chart.RenderAsync(release: "one"));
        var second = Ids(await chart.RenderAsync(release: "two"));
        first.Intersect(second).ShouldBeEmpty();
        first.Count.ShouldBe((await chart.RenderAsync(release: "one")).Count, "and one release has nothing twice");
    }

    [Fact]
    public async Task Every_namespace_that_is_used_is_made()
    {
        var manifests = await chart.RenderAsync();
        var made = manifests.Where(manifest => manifest.Kind() == "Namespace").Select(manifest => manifest.Name()).ToList();
        made.ShouldBe(["ai-control", "ai-gateway", "ai-infra", "ai-models", "ai-observability", "ai-project-default"], ignoreOrder: true);
        manifests.Select(manifest => manifest.Namespace()).Where(name => name.Length > 0).Distinct().Except(made).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_a_cluster_has_no_kind_for_is_left_out()
    {
        var (code, output, error) = await chart.TemplateAsync(null, inCluster: false);
        code.ShouldBe(0, error);
        Manifests.Parse(output).Where(manifest => manifest.Text("apiVersion").Contains("kserve") || manifest.Text("apiVersion").Contains("cnpg")).ShouldBeEmpty();
    }

    private static IEnumerable<IReadOnlyDictionary<string, string>> Selectors(JsonObject manifest) =>
        [manifest.At("spec.selector.matchLabels").Map(), manifest.Kind() == "Service" ? manifest.At("spec.selector").Map() : manifest.At("spec.podSelector.matchLabels").Map()];

    private static IEnumerable<string> Holes(JsonNode? node, string path) => node switch
    {
        null => [path],
        JsonObject { Count: 0 } or JsonArray { Count: 0 } => [path],
        JsonObject map => map.SelectMany(entry => Holes(entry.Value, $"{path}.{entry.Key}")),
        JsonArray list => list.SelectMany((item, index) => Holes(item, $"{path}[{index}]")),
        _ => [],
    };

    private static async Task<SortedDictionary<string, byte[]>> FilesAsync(string folder)
    {
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var file in Directory.GetFiles(folder, "*", SearchOption.AllDirectories))
        {
            files[Path.GetRelativePath(folder, file)] = await File.ReadAllBytesAsync(file, Token);
        }

        return files;
    }

    [GeneratedRegex("^kind: \"?(?<kind>[A-Za-z]+)\"?$", RegexOptions.Multiline)]
    private static partial Regex Kind();

    // A key of ours, or a password that is written out.
    [GeneratedRegex(@"aif_[A-Za-z0-9]{8,}|[Pp]assword=(?!'?\$\()")]
    private static partial Regex SecretValue();
}
