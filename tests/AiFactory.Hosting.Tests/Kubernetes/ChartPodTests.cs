using System.Text.Json.Nodes;

namespace AiFactory.Hosting.Tests.Kubernetes;

/// <summary>What runs: its rights, its sizes, its probes, its secrets.</summary>
public sealed class ChartPodTests(PublishedChart chart) : IClassFixture<PublishedChart>
{
    [Theory]
    [InlineData(null)]
    [InlineData(ChangedValues.Yaml)]
    public async Task Pods_are_restricted(string? values)
    {
        foreach (var pod in await PodsAsync(values))
        {
            pod.At("automountServiceAccountToken").ShouldNotBeNull().GetValue<bool>().ShouldBeFalse();
            pod.At("securityContext.runAsNonRoot").ShouldNotBeNull().GetValue<bool>().ShouldBeTrue();
            pod.At("securityContext.runAsUser").ShouldNotBeNull().GetValue<long>().ShouldBeGreaterThan(0);
            pod.Text("securityContext.seccompProfile.type").ShouldBe("RuntimeDefault");
            pod.Text("serviceAccountName").ShouldNotBe("default");
        }

        foreach (var container in await ContainersAsync(values))
        {
            container.At("securityContext.allowPrivilegeEscalation").ShouldNotBeNull().GetValue<bool>().ShouldBeFalse();
            container.At("securityContext.readOnlyRootFilesystem").ShouldNotBeNull().GetValue<bool>().ShouldBeTrue();
            container.At("securityContext.runAsNonRoot").ShouldNotBeNull().GetValue<bool>().ShouldBeTrue();
            container.At("securityContext.capabilities.drop").Items().Select(drop => drop.ToString()).ShouldBe(["ALL"]);
            container.At("securityContext.capabilities.add").ShouldBeNull();
            container.At("volumeMounts").Items().ShouldContain(mount => mount.Text("mountPath") == "/tmp");
        }
    }

    [Fact]
    public async Task Every_folder_in_memory_or_on_the_node_has_a_size()
    {
        foreach (var volume in (await PodsAsync(null)).Concat(await RuntimesAsync(null)).SelectMany(pod => pod.At("volumes").Items()).Where(volume => volume.At("projected") is null))
        {
            volume.Text("emptyDir.sizeLimit").ShouldNotBeEmpty(volume.ToJsonString());
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData(ChangedValues.Yaml)]
    public async Task Containers_have_probes_a_pinned_image_and_an_orderly_end(string? values)
    {
        foreach (var container in await ContainersAsync(values))
        {
            container.Text("image").ShouldMatch("(:[^:/@]+|@sha256:[0-9a-f]{64})$");
            container.Text("image").ShouldNotContain("latest");
            container.Text("lifecycle.preStop.sleep.seconds").ShouldBe("5");
            foreach (var probe in new[] { "startupProbe", "readinessProbe", "livenessProbe" })
            {
                container.Text($"{probe}.httpGet.scheme").ShouldBe("HTTP");
                container.Text($"{probe}.httpGet.path").ShouldNotBeEmpty();
            }

            container.Text("livenessProbe.httpGet.path").ShouldNotBe("/readyz", "what a process needs must not end it");
        }
    }

    /// <summary>Memory is limited everywhere, CPU only where KServe would set a limit of its own: 1 CPU, when an InferenceService names none.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData(ChangedValues.Yaml)]
    public async Task All_that_runs_asks_for_CPU_and_memory_and_has_its_limit(string? values)
    {
        var manifests = await chart.RenderAsync(values);
        List<(string Name, JsonNode Resources)> sizes = [.. manifests.SelectMany(manifest => Sized(manifest).Select(one => (manifest.Name(), one["resources"].ShouldNotBeNull(manifest.Name()))))];
        sizes.Select(size => size.Name).ShouldBe(values is null
            ? ["builder", "executor", "gateway", "library", "worker", "postgres", "demo-chat", "demo-embed", "aifactory-worker", "vllm"]
            : ["builder", "executor", "gateway", "library", "worker", "demo-chat", "aifactory-worker"], ignoreOrder: true);
        foreach (var (name, size) in sizes)
        {
            size.Text("requests.cpu").ShouldNotBeEmpty(name);
            size.Text("requests.memory").ShouldNotBeEmpty(name);
            size.Text("limits.memory").ShouldNotBeEmpty(name);
            size.Text("limits.cpu").ShouldBe(name.StartsWith("demo-", StringComparison.Ordinal) ? "4" : "", name);
        }
    }

    [Fact]
    public async Task What_answers_requests_is_the_last_to_be_moved()
    {
        var manifests = await chart.RenderAsync();
        var classes = manifests.Where(manifest => manifest.Kind() == "PriorityClass").ToDictionary(manifest => manifest.Name(), manifest => manifest.At("value").ShouldNotBeNull().GetValue<long>());
        classes.Keys.ShouldBe(["ai-critical", "ai-serving"], ignoreOrder: true);
        classes["ai-critical"].ShouldBeGreaterThan(classes["ai-serving"]);
        classes["ai-serving"].ShouldBeGreaterThan(0);
        manifests.Where(manifest => manifest.Pod() is not null).ToDictionary(manifest => manifest.Name(), manifest => manifest.Pod().Text("priorityClassName"))
            .ShouldBe(new Dictionary<string, string> { ["builder"] = "", ["executor"] = "", ["gateway"] = "ai-critical", ["library"] = "", ["worker"] = "ai-critical" }, ignoreOrder: true);
        manifests.Where(manifest => manifest.Kind() == "InferenceService").Select(manifest => manifest.Text("spec.predictor.priorityClassName")).ShouldBe(["ai-serving", "ai-serving"]);
    }

    /// <summary>Vectors and documents in memory take up to half of a builder's heap, which is three quarters of its limit.</summary>
    [Theory]
    [InlineData("builder")]
    [InlineData("executor")]
    public async Task Those_that_keep_vectors_in_memory_have_room_for_them(string name)
    {
        var container = (await chart.RenderAsync()).Single(manifest => manifest.Kind() == "Deployment" && manifest.Name() == name).Pod().At("containers").Items().ShouldHaveSingleItem();
        (container.Text("resources.requests.memory"), container.Text("resources.limits.memory")).ShouldBe(("512Mi", "2Gi"));
    }

    [Fact]
    public async Task What_stands_in_every_requests_way_is_there_twice_and_spread()
    {
        var gateway = (await chart.RenderAsync()).Single(manifest => manifest.Kind() == "Deployment" && manifest.Name() == "gateway");
        gateway.At("spec.replicas").ShouldNotBeNull().GetValue<long>().ShouldBe(2);
        gateway.Pod().At("topologySpreadConstraints").Items().Select(spread => spread.Text("topologyKey")).ShouldBe(["topology.kubernetes.io/zone", "kubernetes.io/hostname"]);
        gateway.Text("spec.strategy.rollingUpdate.maxUnavailable").ShouldBe("0");
    }

    [Fact]
    public async Task Budgets_never_hold_up_a_drain_and_select_what_is_there()
    {
        var manifests = await chart.RenderAsync();
        var budgets = manifests.Where(manifest => manifest.Kind() == "PodDisruptionBudget").ToList();
        budgets.Count.ShouldBe(manifests.Count(manifest => manifest.Pod() is not null));
        foreach (var budget in budgets)
        {
            budget.Text("spec.maxUnavailable").ShouldBe("1");
            manifests.Where(manifest => manifest.Pod() is not null && manifest.Namespace() == budget.Namespace())
                .ShouldContain(manifest => Contains(manifest.At("spec.template.metadata.labels").Map(), budget.At("spec.selector.matchLabels").Map()));
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData(ChangedValues.Yaml)]
    public async Task Secrets_are_references_and_those_that_the_chart_makes_exist_where_they_are_read(string? values)
    {
        var manifests = await chart.RenderAsync(values);
        var made = manifests.Where(manifest => manifest.Kind() == "Secret").Select(manifest => $"{manifest.Namespace()}/{manifest.Name()}").ToHashSet();
        var read = new HashSet<string>();
        foreach (var manifest in manifests)
        {
            foreach (var container in manifest.Pod().At("containers").Items().Concat(manifest.Kind() == "ServingRuntime" ? manifest.At("spec.containers").Items() : []))
            {
                foreach (var variable in container.At("env").Items())
                {
                    if (variable.At("valueFrom.secretKeyRef") is { } reference)
                    {
                        read.Add($"{manifest.Namespace()}/{reference.Text("name")}");
                    }
                    else
                    {
                        variable.Text("name").ShouldNotMatch("(?i)(key|token|password|secret)$");
                        variable.Text("value").ShouldNotMatch("(?i)(password|secretkey|accesskey)='?[^$']");
                    }
                }
            }
        }

        if (values is null)
        {
            read.Except(made).Where(secret => !secret.EndsWith("/objects", StringComparison.Ordinal)).ShouldBeEmpty();
        }
        else
        {
            made.ShouldBeEmpty("each is named in the changed values");
        }

        manifests.Where(manifest => manifest.Kind() == "ConfigMap").SelectMany(manifest => manifest.At("data").Map().Keys).ShouldAllBe(key => !key.Contains("Key") && !key.Contains("Password"));
    }

    [Fact]
    public async Task A_secret_stands_before_the_text_that_uses_it()
    {
        foreach (var container in await ContainersAsync(null))
        {
            var before = new HashSet<string>();
            foreach (var variable in container.At("env").Items())
            {
                foreach (System.Text.RegularExpressions.Match use in System.Text.RegularExpressions.Regex.Matches(variable.Text("value"), @"\$\((\w+)\)"))
                {
                    before.ShouldContain(use.Groups[1].Value);
                }

                before.Add(variable.Text("name"));
            }
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData(ChangedValues.Yaml)]
    public async Task Accounts_ports_and_priorities_that_are_named_exist(string? values)
    {
        var manifests = await chart.RenderAsync(values);
        foreach (var manifest in manifests.Where(manifest => manifest.Pod() is not null))
        {
            var account = manifest.Pod().Text("serviceAccountName");
            if (account != "existing")
            {
                manifests.ShouldContain(other => other.Kind() == "ServiceAccount" && other.Namespace() == manifest.Namespace() && other.Name() == account);
            }

            if (manifest.Pod().Text("priorityClassName") is { Length: > 0 } priority && priority != "very-high")
            {
                manifests.ShouldContain(other => other.Kind() == "PriorityClass" && other.Name() == priority);
            }

            var service = manifests.Single(other => other.Kind() == "Service" && other.Namespace() == manifest.Namespace() && other.Name() == $"{manifest.Name()}-service");
            if (manifest.Kind() == "StatefulSet")
            {
                manifest.Text("spec.serviceName").ShouldBe(service.Name());
            }

            Contains(manifest.At("spec.template.metadata.labels").Map(), service.At("spec.selector").Map()).ShouldBeTrue();
            service.At("spec.ports").Items().Select(port => port.Text("targetPort"))
                .ShouldBe(manifest.Pod().At("containers").Items().SelectMany(container => container.At("ports").Items()).Select(port => port.Text("containerPort")));
            foreach (var map in manifest.Pod().At("containers").Items().SelectMany(container => container.At("envFrom").Items()).Select(from => from.Text("configMapRef.name")))
            {
                manifests.ShouldContain(other => other.Kind() == "ConfigMap" && other.Namespace() == manifest.Namespace() && other.Name() == map);
            }
        }
    }

    private async Task<IReadOnlyList<JsonNode>> PodsAsync(string? values) =>
        [.. (await chart.RenderAsync(values)).Select(manifest => manifest.Pod()).OfType<JsonNode>()];

    private async Task<IReadOnlyList<JsonNode>> RuntimesAsync(string? values) =>
        [.. (await chart.RenderAsync(values)).Where(manifest => manifest.Kind() == "ServingRuntime").Select(manifest => manifest.At("spec")).OfType<JsonNode>()];

    private async Task<IReadOnlyList<JsonNode>> ContainersAsync(string? values) =>
        [.. (await PodsAsync(values)).Concat(await RuntimesAsync(values)).SelectMany(pod => pod.At("containers").Items())];

    /// <summary>What has a size of its own: containers, a model of KServe, a database of CloudNativePG.</summary>
    private static IEnumerable<JsonNode> Sized(JsonObject manifest) => manifest.Kind() switch
    {
        "Cluster" => [manifest["spec"].ShouldNotBeNull()],
        "InferenceService" => [manifest.At("spec.predictor.model").ShouldNotBeNull()],
        "ServingRuntime" => manifest.At("spec.containers").Items(),
        _ => manifest.Pod().At("initContainers").Items().Concat(manifest.Pod().At("containers").Items()),
    };

    private static bool Contains(IReadOnlyDictionary<string, string> labels, IReadOnlyDictionary<string, string> selector) =>
        selector.Count > 0 && selector.All(label => labels.TryGetValue(label.Key, out var value) && value == label.Value);
}
