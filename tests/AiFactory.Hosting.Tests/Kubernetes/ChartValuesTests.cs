using System.Data.Common;
using System.Text.Json.Nodes;

namespace AiFactory.Hosting.Tests.Kubernetes;

/// <summary>What an installation can change, and that a typo is told.</summary>
public sealed class ChartValuesTests(PublishedChart chart) : IClassFixture<PublishedChart>
{
    [Theory]
    [InlineData("gatway: { replicas: 3 }", "gatway")]
    [InlineData("gateway: { replica: 3 }", "replica")]
    [InlineData("gateway: { image: { tag: latest } }", "tag")]
    [InlineData("gateway: { replicas: many }", "replicas")]
    [InlineData("config: { gateway: { Snapshot__Pth: x } }", "Snapshot__Pth")]
    [InlineData("postgres: { mode: mysql }", "mode")]
    [InlineData("postgres: { usernames: { otherdb: a } }", "otherdb")]
    [InlineData("postgres: { usernames: { librarydb: 'a b' } }", "librarydb")]
    [InlineData("postgres: { usernames: { librarydb: all } }", "librarydb")]
    [InlineData("postgres: { parameters: 'Password=plain' }", "parameters")]
    [InlineData("postgres: { parameters: 'Timeout=5; pwd =plain' }", "parameters")]
    [InlineData("postgres: { parameters: \"Application Name='a'\" }", "parameters")]
    [InlineData("postgres: { parameters: 'Application Name=$(IDENTITY_KEY)' }", "parameters")]
    [InlineData("postgres: { parameters: ';Timeout=5' }", "parameters")]
    [InlineData("secrets: { identity: { value: plain } }", "value")]
    [InlineData("oidc: { issuer: 'https://login.example.com' }", "issuer")]
    [InlineData("oidc: { authority: 'http://login.example.com' }", "authority")]
    [InlineData("oidc: { groups: [{ group: ml, project: '*', roles: [owner] }] }", "roles")]
    [InlineData("oidc: { groups: [{ group: ml, project: 'Team A', roles: [admin] }] }", "project")]
    [InlineData("oidc: { groups: [{ group: ml, roles: [admin] }] }", "project")]
    [InlineData("console: { publicUrl: ai.example.com }", "publicUrl")]
    [InlineData("secrets: { oidc: { clientSecret: plain } }", "clientSecret")]
    [InlineData("approvedModels: { enable: true }", "enable")]
    [InlineData("approvedModels: { namespaces: { bank: Team_Bank } }", "bank")]
    [InlineData("approvedModels: { namespaces: { My Bank: team-bank } }", "My Bank")]
    [InlineData("gateway: { resources: { limits: { memory: lots } } }", "memory")]
    [InlineData("serving: { models: { demo-chat: { resources: { limits: { cpu: null } } } } }", "cpu")]
    public async Task A_value_that_is_wrong_is_refused_by_its_name(string values, string named)
    {
        var (code, _, error) = await chart.TemplateAsync(values);
        code.ShouldNotBe(0);
        error.ShouldContain(named);
    }

    [Theory]
    [InlineData("postgres: { mode: external, external: { host: pg, cidrs: [203.0.113.20/32] } }", "db.existingSecret names the Secret with the password when postgres.mode is external")]
    [InlineData("{ postgres: { mode: external }, secrets: { builderdb: { existingSecret: pg }, gatewaydb: { existingSecret: pg }, librarydb: { existingSecret: pg } } }", "postgres.external.host names the server when postgres.mode is external")]
    [InlineData("{ postgres: { mode: external, external: { host: pg } }, secrets: { builderdb: { existingSecret: pg }, gatewaydb: { existingSecret: pg }, librarydb: { existingSecret: pg } } }", "postgres.external.cidrs names the addresses of pg, for example [203.0.113.20/32]")]
    [InlineData("objectStorage: { endpoint: 'https://s3.acme.example' }", "objectStorage.cidrs names the addresses of s3.acme.example, for example [203.0.113.10/32]")]
    [InlineData("objectStorage: { endpoint: 'https://s3.svc.acme.example' }", "objectStorage.cidrs names the addresses of s3.svc.acme.example")]
    [InlineData("objectStorage: { endpoint: 'https://s3.acme.example', cidrs: [203.0.113.10/32], port: 9000 }", "objectStorage.port is 9000, but https://s3.acme.example is called on 443")]
    [InlineData("postgres: { usernames: { librarydb: builder } }", "are both builder: each database has an owner of its own")]
    [InlineData("{ postgres: { mode: external, usernames: { builderdb: acme, librarydb: acme }, external: { host: pg, cidrs: [203.0.113.20/32] } }, secrets: { builderdb: { existingSecret: a }, gatewaydb: { existingSecret: c }, librarydb: { existingSecret: b } } }", "are both acme: each database has an owner of its own")]
    [InlineData("secrets: { librarydb: { key: pw } }", "secrets.librarydb.key must be password in a Secret that the chart makes")]
    [InlineData("secrets: { identity: { existingSecret: factory } }", "projects.default.identity.existingSecret names the Secret with the project's own key when secrets.identity.existingSecret is set")]
    [InlineData("{ secrets: { identity: { existingSecret: keys } }, projects: { default: { identity: { existingSecret: keys } } } }", "projects.default.identity.existingSecret and secrets.identity.existingSecret are both keys: whoever may read Secrets in the project could sign as an administrator")]
    public async Task What_is_missing_is_said_in_a_sentence(string values, string sentence)
    {
        var (code, _, error) = await chart.TemplateAsync(values);
        code.ShouldNotBe(0);
        error.ShouldContain(sentence);
    }

    [Fact]
    public async Task Each_changed_value_arrives()
    {
        var manifests = await chart.RenderAsync(ChangedValues.Yaml);
        var gateway = manifests.Single(manifest => manifest.Kind() == "Deployment" && manifest.Name() == "gateway");
        var pod = gateway.Pod();
        var container = pod.At("containers").Items().ShouldHaveSingleItem();
        gateway.Namespace().ShouldBe("acme-gateway");
        gateway.Text("spec.replicas").ShouldBe("5");
        container.Text("image").ShouldBe("registry.example.com/aifactory/gateway@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
        container.Text("resources.requests.cpu").ShouldBe("2");
        container.Text("resources.requests.memory").ShouldBe("256Mi", "what is not said stays");
        container.At("ports").Items().ShouldHaveSingleItem().Text("containerPort").ShouldBe("9090");
        pod.At("imagePullSecrets").Items().ShouldHaveSingleItem().Text("name").ShouldBe("pull");
        pod.Text("nodeSelector.pool").ShouldBe("edge");
        pod.At("tolerations").Items().ShouldHaveSingleItem().Text("key").ShouldBe("edge");
        pod.At("affinity.nodeAffinity").ShouldNotBeNull();
        pod.Text("priorityClassName").ShouldBe("very-high");
        pod.Text("serviceAccountName").ShouldBe("door");
        gateway.Text("spec.template.metadata.annotations.team").ShouldBe("ai");
        Variable(container, "Serving__DrainTime").Text("value").ShouldBe("00:00:20");
        Variable(container, "OTEL_EXPORTER_OTLP_ENDPOINT").Text("value").ShouldBe("http://collector.monitoring.svc:4318");
        Variable(container, "Identity__Key").Text("valueFrom.secretKeyRef.name").ShouldBe("acme-identity");
        var runtime = manifests.Single(manifest => manifest.Kind() == "ServingRuntime").At("spec.containers").Items().ShouldHaveSingleItem();
        Variable(runtime, "Identity__Key").Text("valueFrom.secretKeyRef.name").ShouldBe("acme-project-identity");
        Variable(runtime, "Identity__Key").Text("valueFrom.secretKeyRef.key").ShouldBe("project-key");
        manifests.Single(manifest => manifest.Name() == "gateway-extra").ShouldNotBeNull();
        manifests.Single(manifest => manifest.Kind() == "StatefulSet").At("spec.volumeClaimTemplates").Items().ShouldHaveSingleItem().Text("spec.resources.requests.storage").ShouldBe("200Gi");
        manifests.Where(manifest => manifest.Kind() == "InferenceService").Select(manifest => manifest.Name()).ShouldBe(["demo-chat"]);
        var config = manifests.Single(manifest => manifest.Kind() == "ConfigMap" && manifest.Name() == "gateway-config").At("data").Map();
        config["Snapshot__Path"].ShouldBe("/var/lib/aifactory/gateway/other.json");
        config["HTTP_PORTS"].ShouldBe("9090");
        config["services__library__http__0"].ShouldBe("http://library-service.acme-control.svc:8080");
        manifests.Single(manifest => manifest.Kind() == "ConfigMap" && manifest.Name() == "builder-config").At("data").Map()["services__gateway__http__0"].ShouldBe("http://gateway-service.acme-gateway.svc:9090");
    }

    [Fact]
    public async Task A_changed_setting_rolls_the_pods_that_read_it_and_no_others()
    {
        var before = await ChecksumsAsync(null);
        var after = await ChecksumsAsync("config: { gateway: { Snapshot__Path: /var/lib/aifactory/gateway/b.json } }");
        after["gateway"].ShouldNotBe(before["gateway"]);
        after["library"].ShouldBe(before["library"]);
    }

    [Fact]
    public async Task Connection_strings_are_put_together_from_references()
    {
        var inside = Variable(await ContainerAsync(null, "library"), "ConnectionStrings__librarydb").Text("value");
        inside.ShouldBe("Host=postgres-rw.ai-infra.svc;Port=5432;Username=library;Password='$(LIBRARYDB_PASSWORD)';Database=library;SSL Mode=Require");
        var outside = Variable(await ContainerAsync(ChangedValues.Yaml, "library"), "ConnectionStrings__librarydb").Text("value");
        outside.ShouldStartWith("Host=pg.acme.example;");
        Variable(await ContainerAsync(ChangedValues.Yaml, "worker"), "ConnectionStrings__objects").Text("value")
            .ShouldBe("Endpoint=https://s3.acme.example;Bucket=ai;Region=us-east-1;AccessKey='$(OBJECTS_ACCESS_KEY)';SecretKey='$(OBJECTS_SECRET_KEY)'");
    }

    [Theory]
    [InlineData("builder", "builderdb")]
    [InlineData("executor", "builderdb")]
    [InlineData("gateway", "gatewaydb")]
    [InlineData("library", "librarydb")]
    public async Task A_pooler_is_told_of_in_every_connection_string(string service, string database)
    {
        var text = Variable(await ContainerAsync("postgres: { parameters: 'Max Auto Prepare=0;Maximum Pool Size=20' }", service), $"ConnectionStrings__{database}").Text("value");
        text.ShouldEndWith(";SSL Mode=Require;Max Auto Prepare=0;Maximum Pool Size=20");
        var read = new DbConnectionStringBuilder { ConnectionString = text };
        read["Max Auto Prepare"].ShouldBe("0");
    }

    private async Task<Dictionary<string, string>> ChecksumsAsync(string? values) => (await chart.RenderAsync(values))
        .Where(manifest => manifest.Pod() is not null)
        .ToDictionary(manifest => manifest.Name(), manifest => manifest.At("spec.template.metadata.annotations").Map()["checksum/config"]);

    private async Task<JsonNode> ContainerAsync(string? values, string name) => (await chart.RenderAsync(values))
        .Single(manifest => manifest.Pod() is not null && manifest.Name() == name).Pod().At("containers").Items().ShouldHaveSingleItem();

    private static JsonNode Variable(JsonNode container, string name) => container.At("env").Items().Single(variable => variable.Text("name") == name);
}
