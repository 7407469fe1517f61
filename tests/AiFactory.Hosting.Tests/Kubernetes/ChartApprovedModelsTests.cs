using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AiFactory.Testing;

namespace AiFactory.Hosting.Tests.Kubernetes;

/// <summary>The kind by which projects' namespaces say what is approved, and what the library alone may do for it.</summary>
public sealed class ChartApprovedModelsTests(PublishedChart chart) : IClassFixture<PublishedChart>
{
    private const string File = "approvedmodels.aifactory.dev.yaml";

    private const string Good = """
        apiVersion: aifactory.dev/v1alpha1
        kind: ApprovedModel
        metadata: { name: demo-chat-latest-v1-0123456789abcdef0123, namespace: ai-project-default }
        spec:
          project: default
          model: acme/demo-chat
          version: 1
          tag: latest
          digest: sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
          sizeBytes: 5000000000
          parts: [{ digest: "sha256:1123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", sizeBytes: 4000000000 }, { digest: "sha256:2123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", sizeBytes: 1000000000 }]
          task: chat
          format: gguf
          architecture: llama
          quantization: Q8_0
          parameters: 7000000000
          contextLength: 4096
          license: ""
        status:
          state: Revoked
          observedGeneration: 1
          conditions: [{ type: Approved, status: "False", reason: Revoked, message: "Revoked by user:eve: it leaks", lastTransitionTime: "2026-11-21T20:15:00Z", observedGeneration: 1 }]
        """;

    [Fact]
    public async Task The_chart_brings_the_kind_as_a_file_that_is_no_template()
    {
        var (code, output, error) = await chart.HelmAsync("show", "crds", chart.Folder);
        code.ShouldBe(0, error);
        var published = Manifests.Parse(output).ShouldHaveSingleItem();
        JsonNode.DeepEquals(published, Definition()).ShouldBeTrue();
        (await System.IO.File.ReadAllTextAsync(Path.Combine(chart.Folder, "crds", File), TestContext.Current.CancellationToken)).ShouldNotContain("{{");
    }

    [Fact]
    public void It_is_a_definition_that_the_API_server_takes()
    {
        var definition = Definition();
        new SchemaValidator().Faults(definition).ShouldBeEmpty();
        definition.Name().ShouldBe($"{definition.Text("spec.names.plural")}.{definition.Text("spec.group")}");
        definition.Text("spec.scope").ShouldBe("Namespaced");
        (definition.Text("spec.names.singular"), definition.Text("spec.names.listKind")).ShouldBe(("approvedmodel", "ApprovedModelList"));
        var version = definition.At("spec.versions").Items().ShouldHaveSingleItem();
        (version.Text("name"), version.Text("served"), version.Text("storage")).ShouldBe(("v1alpha1", "true", "true"));
        version.At("subresources.status").ShouldBeOfType<JsonObject>();
        version.At("additionalPrinterColumns").Items().Select(column => column.Text("name")).ShouldBe(["Model", "Tag", "Version", "Task", "State", "Digest", "Reason", "Age"]);
        Unstructured(version.At("schema.openAPIV3Schema"), "").ShouldBeEmpty();
    }

    [Fact]
    public void An_object_of_the_kind_is_what_its_schema_takes() => Validator().Faults(Manifests.Parse(Good)[0]).ShouldBeEmpty();

    [Theory]
    [InlineData("  tag: latest\n", "", "spec: 'tag' is missing")]
    [InlineData("  tag: latest\n", "  tag: latest\n  tags: [latest]\n", "spec: unknown field 'tags'")]
    [InlineData("digest: sha256:0", "digest: sha512:0", "spec.digest: ")]
    [InlineData("version: 1\n", "version: 0\n", "spec.version: 0 is against minimum 1")]
    [InlineData("sizeBytes: 5000000000", "sizeBytes: large", "spec.sizeBytes: must be integer")]
    [InlineData("sha256:2", "sha1:2", "spec.parts[1].digest: ")]
    [InlineData(", sizeBytes: 4000000000", "", "spec.parts[0]: 'sizeBytes' is missing")]
    [InlineData("state: Revoked", "state: Withdrawn", "status.state: \"Withdrawn\" is against enum")]
    [InlineData("status: \"False\"", "status: Maybe", "status.conditions[0].status: ")]
    [InlineData("reason: Revoked", "reason: it leaks", "status.conditions[0].reason: ")]
    [InlineData("2026-11-21T20:15:00Z", "yesterday", "status.conditions[0].lastTransitionTime: ")]
    [InlineData("metadata: { name: demo-chat", "metadata: { name: acme/demo-chat", "metadata.name: ")]
    public void And_what_it_does_not_take_is_a_fault(string part, string other, string fault)
    {
        Good.ShouldContain(part);
        var faults = Validator().Faults(Manifests.Parse(Good.Replace(part, other, StringComparison.Ordinal))[0]);
        faults.ShouldHaveSingleItem().ShouldContain(fault);
    }

    [Theory]
    [InlineData(null, "ai", "library")]
    [InlineData(ChangedValues.Yaml, "acme", "library")]
    [InlineData("library: { serviceAccount: { create: false, name: given } }", "ai", "given")]
    public async Task The_library_keeps_the_projects_objects_and_has_no_other_right(string? values, string prefix, string account)
    {
        var manifests = await chart.RenderAsync(values);
        var role = manifests.Where(manifest => manifest.Kind() == "Role").ShouldHaveSingleItem();
        role.Namespace().ShouldBe($"{prefix}-project-default");
        Rules(role).ShouldBe(["aifactory.dev/approvedmodels: create delete list patch", "aifactory.dev/approvedmodels/status: patch"]);
        var binding = manifests.Where(manifest => manifest.Kind() is "RoleBinding" or "ClusterRoleBinding").ShouldHaveSingleItem();
        (binding.Namespace(), binding.Text("roleRef.kind"), binding.Text("roleRef.name")).ShouldBe((role.Namespace(), "Role", role.Name()));
        var subject = binding.At("subjects").Items().ShouldHaveSingleItem();
        (subject.Text("kind"), subject.Text("namespace"), subject.Text("name")).ShouldBe(("ServiceAccount", $"{prefix}-control", account));
        manifests.Single(manifest => manifest.Kind() == "Deployment" && manifest.Name() == "library").Pod().Text("serviceAccountName").ShouldBe(account);
    }

    [Fact]
    public async Task Who_may_view_a_namespace_sees_them_and_no_role_has_a_wildcard()
    {
        var manifests = await chart.RenderAsync();
        var view = manifests.Where(manifest => manifest.Kind() == "ClusterRole").ShouldHaveSingleItem();
        view.At("metadata.labels").Map()["rbac.authorization.k8s.io/aggregate-to-view"].ShouldBe("true");
        Rules(view).ShouldBe(["aifactory.dev/approvedmodels: get list watch"]);
        manifests.Where(manifest => manifest.Kind() is "Role" or "ClusterRole").ShouldAllBe(role => !role.ToJsonString(null).Contains('*'));
    }

    [Fact]
    public async Task The_librarys_pod_alone_has_a_token_and_it_is_renewed()
    {
        var manifests = await chart.RenderAsync();
        List<(string Name, JsonNode Volume)> projected =
            [.. manifests.SelectMany(manifest => manifest.Pod().At("volumes").Items().Where(volume => volume.At("projected") is not null).Select(volume => (manifest.Name(), volume)))];
        var (name, volume) = projected.ShouldHaveSingleItem();
        name.ShouldBe("library");
        var token = volume.At("projected.sources").Items().Select(source => source.At("serviceAccountToken")).OfType<JsonNode>().ShouldHaveSingleItem();
        (token.Text("path"), token.Text("expirationSeconds"), token.At("audience")).ShouldBe(("token", "3600", null));
        volume.At("projected.sources").Items().ShouldContain(source => source.Text("configMap.name") == "kube-root-ca.crt");
        var library = manifests.Single(manifest => manifest.Kind() == "Deployment" && manifest.Name() == "library").Pod().At("containers").Items().ShouldHaveSingleItem();
        var mount = library.At("volumeMounts").Items().Single(mount => mount.Text("name") == volume.Text("name"));
        (mount.Text("mountPath"), mount.Text("readOnly")).ShouldBe(("/var/run/secrets/kubernetes.io/serviceaccount", "true"));
        Settings(library).ShouldBe(["Kubernetes__Enabled=true", "Kubernetes__Namespaces__default=ai-project-default"]);
    }

    [Fact]
    public async Task Projects_that_were_made_since_may_have_a_namespace_too()
    {
        var manifests = await chart.RenderAsync("approvedModels: { namespaces: { bank: team-bank, a-team: team-a } }");
        foreach (var kind in new[] { "Role", "RoleBinding" })
        {
            manifests.Where(manifest => manifest.Kind() == kind).Select(manifest => manifest.Namespace()).ShouldBe(["ai-project-default", "team-a", "team-bank"], ignoreOrder: true);
        }

        var library = manifests.Single(manifest => manifest.Kind() == "Deployment" && manifest.Name() == "library").Pod().At("containers").Items().ShouldHaveSingleItem();
        Settings(library).ShouldBe(["Kubernetes__Enabled=true", "Kubernetes__Namespaces__a-team=team-a", "Kubernetes__Namespaces__bank=team-bank", "Kubernetes__Namespaces__default=ai-project-default"]);
    }

    [Fact]
    public async Task Switched_off_there_is_no_token_no_right_and_no_way_to_the_API_server()
    {
        var manifests = await chart.RenderAsync("approvedModels: { enabled: false }");
        manifests.Where(manifest => manifest.Kind() is "Role" or "RoleBinding" or "ClusterRole").ShouldBeEmpty();
        manifests.Where(manifest => manifest.Name() == "library-to-kubernetes").ShouldBeEmpty();
        var pod = manifests.Single(manifest => manifest.Kind() == "Deployment" && manifest.Name() == "library").Pod();
        pod.At("volumes").Items().Select(volume => volume.Text("name")).ShouldBe(["tmp"]);
        var library = pod.At("containers").Items().ShouldHaveSingleItem();
        library.At("volumeMounts").Items().Select(mount => mount.Text("name")).ShouldBe(["tmp"]);
        Settings(library).ShouldBe(["Kubernetes__Enabled=false"]);
    }

    private static JsonObject Definition() =>
        Manifests.Parse(System.IO.File.ReadAllText(Path.Combine(RepositoryFolder.Root, "AiFactory.AppHost", "Kubernetes", "Crds", File))).ShouldHaveSingleItem();

    private static SchemaValidator Validator() => new SchemaValidator().With(Definition());

    private static IEnumerable<string> Rules(JsonObject role) => role.At("rules").Items().SelectMany(rule =>
        rule.At("apiGroups").Items().SelectMany(group => rule.At("resources").Items().Select(resource => $"{group}/{resource}: {string.Join(' ', rule.At("verbs").Items())}")));

    private static IEnumerable<string> Settings(JsonNode container) => container.At("env").Items()
        .Where(variable => variable.Text("name").StartsWith("Kubernetes__", StringComparison.Ordinal)).Select(variable => $"{variable.Text("name")}={variable.Text("value")}");

    /// <summary>
    /// What makes a schema structural (https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema), and readable:
    /// a type and a description everywhere, keys of a list's items required, patterns that are patterns.
    /// </summary>
    private static IEnumerable<string> Unstructured(JsonNode? schema, string path)
    {
        var faults = new List<string>();
        var properties = schema.At("properties") as JsonObject;
        var type = schema.Text("type");
        Require(type is "object" or "array" or "string" or "integer" or "boolean", "has no type");
        Require(path == ".metadata" || schema.Text("description").Length > 0, "has no description");
        Require(path == ".metadata" || type != "object" || properties is { Count: > 0 }, "is an object of anything");
        Require(type != "array" || schema.At("items") is JsonObject, "is a list of anything");
        Require(type != "string" || path is ".apiVersion" or ".kind" || schema.At("maxLength") is not null || schema.At("enum") is not null || schema.At("format") is not null, "is a text without end");
        Require(schema.At("required").Items().All(name => properties?.ContainsKey(name.ToString()) == true), "requires what it does not have");
        Require(schema.At("x-kubernetes-list-map-keys").Items().All(key => schema.At("items.required").Items().Any(name => name.ToString() == key.ToString())), "has a key that its items may lack");
        if (schema.At("pattern") is { } pattern)
        {
            _ = new Regex(pattern.ToString());
        }

        faults.AddRange((properties ?? []).SelectMany(property => Unstructured(property.Value, $"{path}.{property.Key}")));
        return schema.At("items") is { } items ? faults.Concat(Unstructured(items, $"{path}[]")) : faults;

        void Require(bool holds, string fault)
        {
            if (!holds)
            {
                faults.Add($"{path} {fault}");
            }
        }
    }
}
