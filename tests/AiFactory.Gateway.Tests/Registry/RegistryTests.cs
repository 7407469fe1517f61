using System.Net;
using System.Text.Json;
using AiFactory.Gateway.Registry;
using AiFactory.Gateway.Tests.Edges;

namespace AiFactory.Gateway.Tests.Registry;

/// <summary>FEATURES row 4: models from a file in the shape of S1's ConfigMap, beside those of the library.</summary>
public sealed class RegistryTests : IDisposable
{
    /// <summary>S1, section 6, as it stands there.</summary>
    private const string Seed = """
        apiVersion: v1
        kind: ConfigMap
        metadata:
          name: model-registry
          namespace: ai-gateway
        data:
          models.yaml: |
            - name: llm-gptq
              service: llm-gptq-service.ai-models.svc.cluster.local
              path: /infer
            - name: embeddings
              service: embedding-service.ai-models.svc.cluster.local
              path: /infer
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("aifactory-registry-").FullName;

    private string FilePath => Path.Combine(_folder, "models.yaml");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_gateway_starts_with_the_seeds_own_file_and_lists_its_two_models()
    {
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await StartAsync(Seed, Plan.Chat(worker));

        using var list = await gateway.GetAsync("/v1/models");
        using var chat = await gateway.ChatAsync("""{"model":"llm-gptq","messages":[]}""");

        var ids = JsonDocument.Parse(await GatewayUnderTest.TextAsync(list)).RootElement.GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString());
        ids.ShouldBe(["demo-chat", "embeddings", "llm-gptq"]);
        (await GatewayUnderTest.TextAsync(chat)).ShouldContain("has the task 'infer', which /v1/chat/completions cannot use");
    }

    [Fact]
    public async Task A_hundred_calls_to_one_model_reach_only_its_service_and_an_unknown_model_is_404()
    {
        await using var a = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, """{"text":"from a"}"""));
        await using var b = await FakeWorker.StartedAsync();
        await using var gateway = await StartAsync($"""
            - name: a
              service: 127.0.0.1:{a.Address.Port}
              path: /infer
            - name: b
              service: http://127.0.0.1:{b.Address.Port}
              path: /infer:raw/deep
            """);

        for (var i = 0; i < 100; i++)
        {
            using var response = await InferAsync(gateway, "a");
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
            (await GatewayUnderTest.TextAsync(response)).ShouldBe("""{"model":"a","task":"infer","output":{"text":"from a"},"usage":null}""");
        }

        b.Seen.ShouldBeEmpty();
        a.Seen.Count.ShouldBe(100);
        a.Seen.ShouldAllBe(seen => seen.Target == "/infer" && seen.Body == """{"model":"a","payload":{"text":"Hi"}}""");

        using var other = await InferAsync(gateway, "b");
        using var unknown = await InferAsync(gateway, "c");
        b.Seen.Single().Target.ShouldBe("/infer:raw/deep");
        unknown.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_service_that_is_not_ours_does_not_learn_who_calls()
    {
        await using var a = await FakeWorker.StartedAsync();
        await using var gateway = await StartAsync($"- {{ name: a, service: '127.0.0.1:{a.Address.Port}', path: /v1, task: chat }}");

        using var response = await gateway.ChatAsync("""{"model":"a","messages":[]}""");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        var seen = a.Seen.Single();
        seen.Target.ShouldBe("/v1/chat/completions");
        seen.Headers.Keys.ShouldNotContain("Authorization");
        seen.Headers.Keys.ShouldNotContain("x-aifactory-deployment");
    }

    [Fact]
    public async Task A_model_of_the_library_is_not_replaced_by_a_line_in_the_file()
    {
        await using var governed = await FakeWorker.StartedAsync();
        await using var other = await FakeWorker.StartedAsync();
        await using var gateway = await StartAsync(
            $"- {{ name: demo-chat, service: '127.0.0.1:{other.Address.Port}', path: /v1, task: chat }}",
            Plan.Of(Plan.Deployment("demo-chat", "other", "chat", "factory", governed)));

        using var response = await gateway.ChatAsync();

        (governed.Seen.Count, other.Seen.Count).ShouldBe((1, 0));
        gateway.Log.Lines.ShouldContain(line => line.Contains(" 1601 "));
    }

    [Fact]
    public async Task A_change_is_taken_whole_and_a_malformed_one_keeps_what_was()
    {
        await using var a = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, """{"n":1}"""));
        var entry = $"- name: a\n  service: 127.0.0.1:{a.Address.Port}\n";
        await using var gateway = await StartAsync(entry);

        await File.WriteAllTextAsync(FilePath, $"{entry}- name: broken\n  servise: x\n", TestContext.Current.CancellationToken);
        await GatewayUnderTest.UntilAsync(() => gateway.Log.Lines.Any(line => line.Contains("line 4, field 'servise'")));
        using (var kept = await InferAsync(gateway, "a"))
        {
            kept.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        await File.WriteAllTextAsync(FilePath, entry.Replace("name: a", "name: b"), TestContext.Current.CancellationToken);
        await GatewayUnderTest.UntilAsync(() => gateway.Services.GetService(typeof(StaticRegistry)) is StaticRegistry { Models: [{ Name: "b" }] });
        await GatewayUnderTest.UntilAsync(() => gateway.Log.Lines.Count(line => line.Contains(" 1602 ")) == 2);
        using var gone = await InferAsync(gateway, "a");
        using var come = await InferAsync(gateway, "b");
        (gone.StatusCode, come.StatusCode).ShouldBe((HttpStatusCode.NotFound, HttpStatusCode.OK));
    }

    [Theory]
    [InlineData("- name: a\n  service: x\n- service: y\n", "line 3, field 'name': it is missing")]
    [InlineData("- name: a\n", "line 1, field 'service': it is missing")]
    [InlineData("- name: a\n  service: x\n  pfad: /infer\n", "line 3, field 'pfad': there is no such field")]
    [InlineData("- name: a\n  service: x\n  path: infer\n", "line 3, field 'path': 'infer' is no path")]
    [InlineData("- name: a\n  service: x\n  path: /infer?key=1\n", "line 3, field 'path'")]
    [InlineData("- name: a\n  service: ftp://x\n", "line 2, field 'service'")]
    [InlineData("- name: a\n  service: http://me:secret@x\n", "line 2, field 'service': it holds a credential")]
    [InlineData("- name: a\n  service: [x]\n", "line 2, field 'service': it is one text")]
    [InlineData("- name: flow/a\n  service: x\n", "line 1, field 'name'")]
    [InlineData("- name: a\n  service: x\n- name: a\n  service: y\n", "line 3, field 'name': 'a' is the name of the entry in line 1 already")]
    [InlineData("- name: a\n  service: x\n  path: /v1\n", "field 'task': a service that speaks OpenAI's protocol")]
    [InlineData("- a\n", "line 1: an entry is an object")]
    [InlineData("- name: a\n  service: 'x\n", "it is no YAML")]
    [InlineData("", "the file is a list of entries")]
    [InlineData("kind: ConfigMap\ndata:\n  other: x\n", "field 'data.models.yaml': it is missing")]
    [InlineData("kind: ConfigMap\ndata:\n  models.yaml: |\n    - name: a\n      service: x\n    - name: b\n", "line 6, field 'service': it is missing")]
    public void A_malformed_entry_is_refused_with_its_file_its_line_and_its_field(string yaml, string complaint)
    {
        File.WriteAllText(FilePath, yaml);

        var refused = new RegistryOptionsValidator().Validate(null, new RegistryOptions { Path = FilePath });

        refused.Failed.ShouldBeTrue();
        refused.FailureMessage.ShouldContain(FilePath);
        refused.FailureMessage.ShouldContain(complaint);
        refused.FailureMessage.ShouldNotContain("secret");
    }

    private static Task<HttpResponseMessage> InferAsync(GatewayUnderTest gateway, string model) =>
        gateway.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, "/api/infer", json: $$$"""{"model":"{{{model}}}","payload":{"text":"Hi"}}"""));

    private async Task<GatewayUnderTest> StartAsync(string yaml, Plan? plan = null)
    {
        await File.WriteAllTextAsync(FilePath, yaml, TestContext.Current.CancellationToken);
        return await GatewayUnderTest.StartAsync(plan ?? new Plan(), ("Registry:Path", FilePath), ("Registry:Interval", "00:00:00.020"));
    }
}
