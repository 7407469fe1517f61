using System.Security.Cryptography;
using System.Text.Json.Nodes;
using AiFactory.Testing;

namespace AiFactory.Hosting.Tests.Kubernetes;

/// <summary>KServe's and CloudNativePG's kinds: also what only their webhooks refuse.</summary>
public sealed class ChartServingTests(PublishedChart chart) : IClassFixture<PublishedChart>
{
    [Theory]
    [InlineData("demo-chat", "chat")]
    [InlineData("demo-embed", "embedding")]
    public async Task Each_seeded_deployment_is_an_InferenceService_of_the_weights_that_ship(string name, string task)
    {
        var service = (await chart.RenderAsync()).Single(manifest => manifest.Kind() == "InferenceService" && manifest.Name() == name);
        service.Namespace().ShouldBe("ai-project-default");
        service.At("metadata.annotations").Map()["serving.kserve.io/deploymentMode"].ShouldBe("Standard");
        service.At("metadata.annotations").Map()["serving.kserve.io/autoscalerClass"].ShouldBe("none");
        service.At("metadata.labels").Map()["networking.kserve.io/visibility"].ShouldBe("cluster-local");
        var predictor = service.At("spec.predictor").ShouldNotBeNull();
        predictor.Text("timeout").ShouldBe("600");
        predictor.At("minReplicas").ShouldNotBeNull().GetValue<long>().ShouldBeLessThanOrEqualTo(predictor.At("maxReplicas").ShouldNotBeNull().GetValue<long>());
        predictor.Text("model.resources.requests.cpu").ShouldNotBeEmpty();
        predictor.Text("model.resources.limits.memory").ShouldNotBeEmpty();

        var settings = predictor.At("model.env").Items().ToDictionary(variable => variable.Text("name"), variable => variable.Text("value"));
        var weights = await File.ReadAllBytesAsync(Path.Combine(RepositoryFolder.Root, "models", $"{name}.gguf"), TestContext.Current.CancellationToken);
        var digest = Convert.ToHexStringLower(SHA256.HashData(weights));
        settings["Serve__Deployment"].ShouldBe(name);
        settings["Serve__Task"].ShouldBe(task);
        settings["Serve__Digest"].ShouldBe($"sha256:{digest}");
        settings["Serve__ObjectKey"].ShouldBe($"models/sha256/{digest}");
        settings["Serve__SizeBytes"].ShouldBe($"{weights.Length}");
    }

    [Theory]
    [InlineData("demo-chat", "demo-embed")]
    [InlineData("demo-embed", "demo-chat")]
    public async Task One_that_is_revoked_can_be_switched_off_alone(string revoked, string other) =>
        (await chart.RenderAsync($"serving: {{ models: {{ {revoked}: {{ enabled: false }} }} }}")).Where(manifest => manifest.Kind() == "InferenceService").Select(manifest => manifest.Name()).ShouldBe([other]);

    [Fact]
    public async Task An_InferenceService_names_a_runtime_that_is_beside_it_and_takes_its_format()
    {
        var manifests = await chart.RenderAsync();
        foreach (var service in manifests.Where(manifest => manifest.Kind() == "InferenceService"))
        {
            var runtime = manifests.Single(manifest => manifest.Kind() == "ServingRuntime" && manifest.Namespace() == service.Namespace() && manifest.Name() == service.Text("spec.predictor.model.runtime"));
            runtime.At("spec.supportedModelFormats").Items().Select(format => format.Text("name")).ShouldContain(service.Text("spec.predictor.model.modelFormat.name"));
        }
    }

    [Fact]
    public async Task Runtimes_have_the_container_that_KServe_looks_for_and_GPUs_only_where_they_are()
    {
        var runtimes = (await chart.RenderAsync()).Where(manifest => manifest.Kind() == "ServingRuntime").ToList();
        runtimes.Select(runtime => runtime.Name()).ShouldBe(["aifactory-worker", "vllm"], ignoreOrder: true);
        foreach (var runtime in runtimes)
        {
            var container = runtime.At("spec.containers").Items().ShouldHaveSingleItem();
            container.Text("name").ShouldBe("kserve-container");
            var (asked, given) = (Gpus(container, "requests"), Gpus(container, "limits"));
            asked.ShouldBe(given);
            if (asked.Length > 0)
            {
                int.Parse(asked, System.Globalization.CultureInfo.InvariantCulture).ShouldBeGreaterThan(0);
                runtime.At("spec.nodeSelector").Map()["nvidia.com/gpu.present"].ShouldBe("true");
                runtime.At("spec.tolerations").Items().ShouldContain(toleration => toleration.Text("key") == "nvidia.com/gpu" && toleration.Text("effect") == "NoSchedule");
            }
        }

        runtimes.Single(runtime => runtime.Name() == "vllm").At("spec.containers").Items().Single().At("args").Items().Select(argument => argument.ToString())
            .ShouldContain("--served-model-name={{.Name}}", "KServe fills it in, not Helm");
    }

    [Fact]
    public async Task The_database_has_two_instances_pgvector_and_the_factorys_databases()
    {
        var manifests = await chart.RenderAsync();
        var cluster = manifests.Single(manifest => manifest.Kind() == "Cluster");
        cluster.Text("spec.instances").ShouldBe("2");
        cluster.At("spec.postgresql.extensions").Items().ShouldHaveSingleItem().Text("name").ShouldBe("pgvector");
        manifests.Where(manifest => manifest.Kind() == "Database").Select(manifest => (manifest.Text("spec.name"), manifest.Text("spec.owner"))).ShouldBe([("builder", "builder"), ("gateway", "gateway"), ("library", "library")], ignoreOrder: true);
    }

    [Fact]
    public async Task Each_database_has_a_login_of_its_own_and_lets_no_other_in()
    {
        var manifests = await chart.RenderAsync();
        var cluster = manifests.Single(manifest => manifest.Kind() == "Cluster");
        (cluster.Text("spec.bootstrap.initdb.owner"), cluster.Text("spec.bootstrap.initdb.secret.name")).ShouldBe(("builder", "builderdb"));
        cluster.At("spec.managed.roles").Items().Select(role => (role.Text("name"), role.Text("login"), role.Text("passwordSecret.name")))
            .ShouldBe([("builder", "true", "builderdb"), ("gateway", "true", "gatewaydb"), ("library", "true", "librarydb")], "also the first, which initdb makes in a new cluster alone");
        // https://cloudnative-pg.io/documentation/current/postgresql_conf/#the-pg_hba-section: before the default, which lets every role in everywhere.
        cluster.At("spec.postgresql.pg_hba").Items().Select(rule => rule.ToString()).ShouldBe(
            ["hostssl builder builder all scram-sha-256", "host builder all all reject", "hostssl gateway gateway all scram-sha-256", "host gateway all all reject", "hostssl library library all scram-sha-256", "host library all all reject"]);
        var made = manifests.Where(manifest => manifest.Kind() == "Secret" && manifest.Text("type") == "kubernetes.io/basic-auth").ToList();
        made.Select(secret => $"{secret.Namespace()}/{secret.Name()}").ShouldBe(["ai-control/builderdb", "ai-infra/builderdb", "ai-gateway/gatewaydb", "ai-infra/gatewaydb", "ai-control/librarydb", "ai-infra/librarydb"], ignoreOrder: true);
        made.Select(secret => (secret.Name(), secret.Text("data.username"), secret.Text("data.password"))).Distinct().Count().ShouldBe(3, "one login in both namespaces");
        made.Select(secret => secret.Text("data.password")).Distinct().Count().ShouldBe(3);
    }

    /// <summary>Executors claim steps in the builder's database themselves; what they run reaches no other service's data.</summary>
    [Theory]
    [InlineData("builder", "builderdb", "BUILDERDB_PASSWORD")]
    [InlineData("executor", "builderdb", "BUILDERDB_PASSWORD")]
    [InlineData("library", "librarydb", "LIBRARYDB_PASSWORD")]
    [InlineData("gateway", "gatewaydb", "GATEWAYDB_PASSWORD")]
    [InlineData("worker", null, null)]
    public async Task A_service_has_the_login_of_its_own_database_and_of_no_other(string name, string? login, string? variable)
    {
        string[] logins = ["builderdb", "gatewaydb", "librarydb"];
        var container = (await chart.RenderAsync()).Single(manifest => manifest.Pod() is not null && manifest.Name() == name).Pod().At("containers").Items().ShouldHaveSingleItem();
        var variables = container.At("env").Items().ToList();
        variables.Where(one => logins.Contains(one.Text("valueFrom.secretKeyRef.name"))).Select(one => (one.Text("name"), one.Text("valueFrom.secretKeyRef.name")))
            .ShouldBe(login is null ? [] : [(variable.ShouldNotBeNull(), login)]);
        variables.Where(one => one.Text("value").Contains("Database=", StringComparison.Ordinal)).Select(one => one.Text("name")).ShouldBe(login is null ? [] : [$"ConnectionStrings__{login}"]);
        container.At("envFrom").Items().ShouldAllBe(from => from.At("secretRef") == null);
    }

    [Theory]
    [InlineData(null, "objects", "access-key", "secret-key")]
    [InlineData("secrets: { objects: { existingSecret: all, accessKeyKey: a } }", "all", "a", "secret-key")]
    [InlineData("{ secrets: { objects: { existingSecret: all, accessKeyKey: a } }, projects: { default: { objects: { existingSecret: weights, secretKeyKey: s } } } }", "weights", "access-key", "s")]
    public async Task A_projects_models_read_weights_with_a_login_of_its_own_when_it_has_one(string? values, string secret, string accessKey, string secretKey)
    {
        var manifests = await chart.RenderAsync(values);
        var runtime = manifests.Single(manifest => manifest.Kind() == "ServingRuntime" && manifest.Name() == "aifactory-worker").At("spec.containers").Items().Single();
        Keys(runtime).ShouldBe([(secret, accessKey), (secret, secretKey)]);
        var worker = manifests.Single(manifest => manifest.Kind() == "StatefulSet").Pod().At("containers").Items().Single();
        Keys(worker).ShouldAllBe(key => key.Secret != "weights", "the project's login is the project's");

        static IEnumerable<(string Secret, string Key)> Keys(JsonNode container) => container.At("env").Items().Where(variable => variable.Text("name").StartsWith("OBJECTS_", StringComparison.Ordinal))
            .OrderBy(variable => variable.Text("name"), StringComparer.Ordinal)
            .Select(variable => (variable.Text("valueFrom.secretKeyRef.name"), variable.Text("valueFrom.secretKeyRef.key")));
    }

    [Theory]
    [InlineData("{}", "Secret \"objects\" with access-key and secret-key must be in ai-control, ai-gateway, ai-models, ai-project-default\n")]
    [InlineData("projects: { default: { objects: { existingSecret: weights } } }", "Secret \"objects\" with access-key and secret-key must be in ai-control, ai-gateway, ai-models\n")]
    [InlineData("projects: { default: { objects: { existingSecret: weights } } }", "Secret \"weights\" with access-key and secret-key must be in ai-project-default: a login that reads the weights and nothing else\n")]
    public async Task Notes_say_where_the_logins_of_the_object_storage_must_be(string values, string line)
    {
        var (code, output, error) = await chart.HelmAsync(["install", "ai", chart.Folder, "--dry-run=client", .. await chart.ValuesAsync(values)]);
        code.ShouldBe(0, error);
        output.ShouldContain(line);
    }

    [Fact]
    public async Task A_project_has_a_quota_and_sizes_for_those_that_name_none()
    {
        var manifests = await chart.RenderAsync();
        var quota = manifests.Single(manifest => manifest.Kind() == "ResourceQuota");
        quota.Namespace().ShouldBe("ai-project-default");
        quota.At("spec.hard").Map().Keys.ShouldAllBe(key => !key.StartsWith("count/", StringComparison.Ordinal));
        manifests.Single(manifest => manifest.Kind() == "LimitRange").Namespace().ShouldBe("ai-project-default");
    }

    private static string Gpus(JsonNode container, string side) => container.At($"resources.{side}").Map().GetValueOrDefault("nvidia.com/gpu", "");
}
