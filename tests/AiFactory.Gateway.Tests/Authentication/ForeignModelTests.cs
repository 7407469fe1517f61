using System.Net;
using System.Text.Json;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Auditing;
using AiFactory.Gateway.Tests.Auditing;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.Gateway.Tests.Jobs;
using AiFactory.Gateway.Tests.Sockets;
using AiFactory.Testing.Postgres;
using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.Gateway.Tests.Authentication;

/// <summary>FEATURES row 10: "Key minted in P1 on P2's model -> 403 + audit row". Row 4 keeps its 404 for a name that nobody has.</summary>
public sealed class ForeignModelTests(PostgresFixture postgres)
{
    private const string Chat = """{"model":"NAME","messages":[]}""";

    /// <summary>Every route that names a model: its pattern, as the audit has it, and a request.</summary>
    private static readonly (string Target, HttpMethod Method, string Path, string? Body)[] Surfaces =
    [
        ("/v1/chat/completions", HttpMethod.Post, "/v1/chat/completions", Chat),
        ("/v1/completions", HttpMethod.Post, "/v1/completions", """{"model":"NAME","prompt":"x"}"""),
        ("/v1/embeddings", HttpMethod.Post, "/v1/embeddings", """{"model":"NAME","input":"x"}"""),
        ("/v1/rerank", HttpMethod.Post, "/v1/rerank", """{"model":"NAME","query":"x","documents":["y"]}"""),
        ("/v1/score", HttpMethod.Post, "/v1/score", """{"model":"NAME","text_1":"x","text_2":"y"}"""),
        ("/v1/responses", HttpMethod.Post, "/v1/responses", """{"model":"NAME","input":"x"}"""),
        ("/tokenize", HttpMethod.Post, "/tokenize", """{"model":"NAME","prompt":"x"}"""),
        ("/v1/moderations", HttpMethod.Post, "/v1/moderations", """{"model":"NAME","input":"x"}"""),
        ("/v1/images/generations", HttpMethod.Post, "/v1/images/generations", """{"model":"NAME","prompt":"x","response_format":"b64_json"}"""),
        ("/v1/messages/", HttpMethod.Post, "/v1/messages", """{"model":"NAME","max_tokens":8,"messages":[{"role":"user","content":"x"}]}"""),
        ("/v1/messages/count_tokens", HttpMethod.Post, "/v1/messages/count_tokens", """{"model":"NAME","messages":[{"role":"user","content":"x"}]}"""),
        ("/api/infer", HttpMethod.Post, "/api/infer", """{"model":"NAME","payload":{"messages":[]}}"""),
        ("/v1/models/{**model}", HttpMethod.Get, "/v1/models/NAME", null),
        ("/v2/models/{name}", HttpMethod.Get, "/v2/models/NAME", null),
        ("/v2/models/{name}/ready", HttpMethod.Get, "/v2/models/NAME/ready", null),
        ("/v2/models/{name}/infer", HttpMethod.Post, "/v2/models/NAME/infer", """{"inputs":[]}"""),
    ];

    [Fact]
    public async Task A_key_minted_in_one_project_on_another_projects_model_is_403_on_every_route_and_a_row_of_the_audit()
    {
        await using var bench = await WorkBench.CreateAsync(postgres);
        await using var worker = await FakeWorker.StartedAsync();
        var plan = Plan.Of(Plan.Deployment("demo-chat", worker), Plan.Deployment("theirs", "other", "chat", "project", worker));
        await using var gateway = await bench.StartAsync(plan);

        // 1. Each route, in its own envelope: a name that another project has, and one that nobody has, of which the audit hears nothing.
        foreach (var (target, method, path, body) in Surfaces)
        {
            var (foreign, text) = await AskAsync(gateway, "theirs", method, path, body);
            (foreign, text.Contains("The model 'theirs' is another project's", StringComparison.Ordinal), text.Contains("visibility 'factory'", StringComparison.Ordinal)).ShouldBe((HttpStatusCode.Forbidden, true, true), $"{target}: {text}");
            (await AskAsync(gateway, "nobody", method, path, body)).Status.ShouldBe(HttpStatusCode.NotFound, target);
        }

        // 2. By socket, as a job, and in a line of a batch.
        using (var socket = await SocketClient.OpenAsync(gateway))
        {
            await socket.SendAsync("""{"request_id":"a","model":"theirs","messages":[]}""");
            var refused = (await socket.ReadAsync())!.Value; // it does not close
            (refused.GetProperty("status").GetInt32(), refused.GetProperty("error").GetProperty("code").GetString()).ShouldBe((403, "model_not_allowed"));
        }

        var client = new WorkClient(gateway.Client);
        var job = await JobTests.EndedAsync(client, await JobTests.JobAsync(client, $$"""{"url":"/v1/chat/completions","body":{{Chat.Replace("NAME", "theirs")}}}"""), "failed");
        (WorkClient.Text(job, "result.status"), WorkClient.Text(job, "result.body.error.code")).ShouldBe(("403", "model_not_allowed"));
        var batch = await client.UntilAsync(await client.BatchAsync([WorkClient.Line("a", Chat.Replace("NAME", "theirs"))]), "completed");
        var line = (await client.LinesAsync(batch, "error_file_id")).ShouldHaveSingleItem();
        (WorkClient.Text(line, "response.status_code"), WorkClient.Text(line, "response.body.error.code")).ShouldBe(("403", "model_not_allowed"));

        // 3. Each of them is in the audit, under the key, and no model was asked.
        gateway.Services.GetRequiredService<AuditTrail>().Flush();
        var items = await AuditTests.ItemsAsync(gateway, rows => Denied(rows) >= Surfaces.Length + 3, Plan.AdminKey);
        Denied(items).ShouldBe(Surfaces.Length + 3);
        items.Select(item => item.GetProperty("target").GetString()).ToHashSet().ShouldBe([.. Surfaces.Select(surface => surface.Target), "/v1"], ignoreOrder: true);
        items.ShouldAllBe(item => item.GetProperty("actor").GetString() == $"key:{plan.Keys[1].Id}" && item.GetProperty("project").GetString() == "default"
            && item.GetProperty("action").GetString() == "model.denied" && item.GetProperty("reason").GetString() == "model_not_allowed");
        worker.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task Who_tries_many_of_other_projects_models_again_and_again_leaves_few_rows()
    {
        const int Models = 20;
        const int Rounds = 10;
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(
            Plan.Of([.. Enumerable.Range(0, Models).Select(number => Plan.Deployment($"theirs-{number}", "other", "chat", "project", worker))]), ledger.Setting);
        for (var i = 0; i < Models * Rounds; i++)
        {
            (await AskAsync(gateway, $"theirs-{i % Models}", HttpMethod.Post, "/v1/chat/completions", Chat)).Status.ShouldBe(HttpStatusCode.Forbidden);
        }

        gateway.Services.GetRequiredService<AuditTrail>().Flush();
        var items = await AuditTests.ItemsAsync(gateway, rows => Denied(rows) >= Models * Rounds, Plan.AdminKey);

        Denied(items).ShouldBe(Models * Rounds);
        items.Length.ShouldBeLessThan(Models, "rows are counted by route and reason, whatever names were tried");
    }

    [Fact]
    public async Task The_way_out_is_the_callers_own_and_what_a_project_shares_is_nobodys_alone()
    {
        await using var worker = await FakeWorker.StartedAsync();
        var plan = Plan.Of(
            Plan.Deployment("theirs", "other", "chat", "project", worker), Plan.Deployment("shared", "other", "chat", "factory", worker), Plan.Deployment("asleep"),
            Plan.Deployment("withdrawn", "other", "chat", "project", worker) with { Revoked = "its licence has ended" });
        await using var gateway = await GatewayUnderTest.StartAsync(plan with { Projects = ["default", "other"] });

        // 1. Who may name any project is told to, and may then.
        (await AskAsync(gateway, "theirs", HttpMethod.Post, "/v1/chat/completions", Chat, Plan.AdminKey)).Text.ShouldContain("Name its project in the OpenAI-Project header");
        (await AskAsync(gateway, "theirs", HttpMethod.Post, "/v1/chat/completions", Chat, Plan.AdminKey, "other")).Status.ShouldBe(HttpStatusCode.OK);

        // 2. Of what is withdrawn elsewhere no reason is told; a model of its own that is asleep is not found by who looks at it, as before.
        (await AskAsync(gateway, "withdrawn", HttpMethod.Post, "/v1/chat/completions", Chat)).ShouldSatisfyAllConditions(
            answer => answer.Status.ShouldBe(HttpStatusCode.Forbidden), answer => answer.Text.ShouldContain("model_not_allowed"), answer => answer.Text.ShouldNotContain("licence"));
        (await AskAsync(gateway, "asleep", HttpMethod.Get, "/v1/models/NAME", null)).Status.ShouldBe(HttpStatusCode.NotFound);
        (await AskAsync(gateway, "shared", HttpMethod.Post, "/v1/chat/completions", Chat)).Status.ShouldBe(HttpStatusCode.OK);
        (await AskAsync(gateway, "theirs", HttpMethod.Post, "/v1/chat/completions", Chat, Plan.OtherKey)).Status.ShouldBe(HttpStatusCode.OK);

        // 3. A key with a scope learns nothing of what is beyond it; deleted there, the name is nobody's.
        await gateway.PublishAsync(plan with { Version = 2, Keys = [.. plan.Keys.Select(key => key with { Scope = new KeyScope(["demo-*"], []) })] });
        foreach (var name in new[] { "theirs", "nobody" })
        {
            (await AskAsync(gateway, name, HttpMethod.Post, "/v1/chat/completions", Chat)).Text.ShouldContain("key_not_allowed");
        }

        await gateway.PublishAsync(plan with { Version = 3, Deployments = [] });
        (await AskAsync(gateway, "theirs", HttpMethod.Post, "/v1/chat/completions", Chat)).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    private static int Denied(JsonElement[] rows) => rows.Sum(row => row.GetProperty("count").GetInt32());

    private static async Task<(HttpStatusCode Status, string Text)> AskAsync(
        GatewayUnderTest gateway, string model, HttpMethod method, string path, string? body, string key = Plan.DeveloperKey, string? project = null)
    {
        using var request = GatewayUnderTest.Request(method, path.Replace("NAME", model), key, body?.Replace("NAME", model));
        if (project is not null)
        {
            request.Headers.Add("OpenAI-Project", project);
        }

        using var response = await gateway.SendAsync(request);
        return (response.StatusCode, await GatewayUnderTest.TextAsync(response));
    }
}
