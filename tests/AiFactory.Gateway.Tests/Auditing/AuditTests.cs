using System.Net;
using System.Text.Json;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Auditing;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.Testing.Postgres;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace AiFactory.Gateway.Tests.Auditing;

public sealed class AuditTests(PostgresFixture postgres)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_known_caller_who_may_not_is_in_the_audit_and_an_unknown_one_is_not()
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        var plan = new Plan();
        plan = plan with { Keys = [.. plan.Keys.Select(key => key.Name == "developer" && key.Project == "default" && key.ExpiresAt is null ? key with { Scope = new KeyScope(["demo-*"], []) } : key)] };
        await using var gateway = await GatewayUnderTest.StartAsync(plan, ledger.Setting);
        using var beyond = await gateway.ChatAsync("""{"model":"a-name-that-a-client-made-up"}""");
        using var viewer = await gateway.ChatAsync(key: Plan.ViewerKey);
        using var expired = await gateway.ChatAsync(key: Plan.ExpiredKey);
        using var foreign = GatewayUnderTest.Request(HttpMethod.Post, "/v1/embeddings", Plan.OtherKey, "{}");
        foreign.Headers.Add("OpenAI-Project", "default");
        using var mismatched = await gateway.SendAsync(foreign);
        using var unknown = await gateway.ChatAsync(key: "aif_nobody00000000000000000000000000000000000000");

        var items = await ItemsAsync(gateway, 4, Plan.AdminKey);

        items.Select(item => (Text(item, "actor"), Text(item, "project"), Text(item, "action"), Text(item, "target"), Text(item, "reason"))).ShouldBe(
            [
                ($"key:{plan.Keys[1].Id}", "default", "model.denied", "/v1/chat/completions", "key_not_allowed"),
                ($"key:{plan.Keys[2].Id}", "default", "model.denied", "/v1/chat/completions", "missing_scope"),
                ($"key:{plan.Keys[4].Id}", "default", "model.denied", "/v1/chat/completions", "invalid_api_key"),
                ($"key:{plan.Keys[3].Id}", "other", "model.denied", "/v1/embeddings", "mismatched_project"),
            ],
            ignoreOrder: true);
        (await ItemsAsync(gateway, 1, Plan.OtherKey)).ShouldAllBe(item => Text(item, "project") == "other");
        using var forbidden = await gateway.GetAsync("/api/audit?project=default", Plan.OtherKey);
        forbidden.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        using var malformed = await gateway.GetAsync("/api/audit?project=%00", Plan.AdminKey);
        malformed.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        using var check = await gateway.GetAsync("/api/audit/check", Plan.ViewerKey);
        check.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task A_session_that_begins_and_its_end_are_in_the_audit()
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var gateway = await GatewayUnderTest.StartAsync(new Plan(), ledger.Setting);
        using var refused = await gateway.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, "/api/session", key: null, """{"token":"guess"}"""));
        using var begun = await gateway.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, "/api/session", key: null, $$"""{"token":"{{GatewayUnderTest.SignInToken}}"}"""));

        using var left = GatewayUnderTest.Request(HttpMethod.Delete, "/api/session", key: null);
        left.Headers.Add("Cookie", begun.Headers.GetValues("Set-Cookie").Single().Split(';')[0]);
        left.Headers.Add("x-aifactory-console", "1");
        using var ended = await gateway.SendAsync(left);

        var items = await ItemsAsync(gateway, 2, Plan.AdminKey);

        (refused.IsSuccessStatusCode, begun.IsSuccessStatusCode).ShouldBe((false, true));
        items.Select(item => (Text(item, "action"), Text(item, "target"))).ShouldBe([("session.begun", "console"), ("session.ended", "console")], ignoreOrder: true);
    }

    /// <summary>The row cannot be text of this database, and what was metered behind it would wait for ever.</summary>
    [Fact]
    public async Task An_entry_that_the_database_refuses_holds_up_no_other()
    {
        await using var worker = await FakeWorker.StartedAsync();
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker), ledger.Setting);
        var trail = gateway.Services.GetRequiredService<AuditTrail>();
        trail.Add(InternalIdentity.WithRoles("user:a\0b", "default", factoryWide: false, []), AuditTrail.ModelDenied, "/v1");
        trail.Add(InternalIdentity.WithRoles("user:ada", "default", factoryWide: false, []), AuditTrail.ModelDenied, "/v1");
        using var served = await gateway.ChatAsync();
        await GatewayUnderTest.TextAsync(served);

        (await ledger.RowsAsync(1)).Count.ShouldBe(1);
        (await ItemsAsync(gateway, 1, Plan.AdminKey)).Select(item => Text(item, "actor")).ShouldBe(["user:ada"]);
        gateway.Log.Lines.ShouldContain(line => line.Contains("refuses an entry of the audit", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_flood_is_counted_and_not_written_out()
    {
        const int Requests = 400;
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var gateway = await GatewayUnderTest.StartAsync(new Plan(), ledger.Setting);
        for (var i = 0; i < Requests; i++)
        {
            using var denied = await gateway.ChatAsync(key: Plan.ViewerKey);
            denied.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        }

        gateway.Services.GetRequiredService<AuditTrail>().Flush();
        var items = await ItemsAsync(gateway, rows => rows.Sum(item => item.GetProperty("count").GetInt32()) >= Requests, Plan.AdminKey);

        items.Sum(item => item.GetProperty("count").GetInt32()).ShouldBe(Requests);
        items.Length.ShouldBeLessThan(20);
    }

    [Theory]
    [InlineData("update audit set actor = 'user:eve' where sequence = 3", 3, true)]
    [InlineData("delete from audit where sequence = 4", 4, true)]
    [InlineData("delete from audit where sequence = 6", 6, true)]
    [InlineData("insert into audit select 7, gen_random_uuid(), at, until, project, 'user:eve', action, target, reason, count, hash from audit where sequence = 6", 7, false)]
    public async Task A_row_that_was_changed_or_taken_out_or_put_in_breaks_the_chain_where_it_stands(string tampering, int brokenAt, bool isRefused)
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var gateway = await GatewayUnderTest.StartAsync(new Plan(), ledger.Setting);
        foreach (var path in (string[])["chat/completions", "completions", "embeddings", "rerank", "responses", "score"])
        {
            using var denied = await gateway.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, $"/v1/{path}", Plan.ViewerKey, "{}"));
        }

        await ItemsAsync(gateway, 6, Plan.AdminKey);
        var whole = await CheckAsync(gateway);
        (whole.GetProperty("intact").GetBoolean(), whole.GetProperty("entries").GetInt64()).ShouldBe((true, 6));

        await using var source = NpgsqlDataSource.Create(ledger.ConnectionString);
        if (isRefused)
        {
            await Should.ThrowAsync<PostgresException>(async () => await ExecuteAsync(source, tampering));
        }

        await ExecuteAsync(source, $"alter table audit disable trigger audit_is_append_only; {tampering}");

        var broken = await CheckAsync(gateway);
        (broken.GetProperty("intact").GetBoolean(), broken.GetProperty("brokenAt").GetInt64()).ShouldBe((false, brokenAt));
    }

    private static Task<JsonElement[]> ItemsAsync(GatewayUnderTest gateway, int count, string key) => ItemsAsync(gateway, rows => rows.Length >= count, key);

    internal static async Task<JsonElement[]> ItemsAsync(GatewayUnderTest gateway, Func<JsonElement[], bool> condition, string key)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            using var response = await gateway.GetAsync("/api/audit?limit=200", key);
            if (response.StatusCode == HttpStatusCode.OK)
            {
                var items = JsonDocument.Parse(await GatewayUnderTest.TextAsync(response)).RootElement.GetProperty("items").EnumerateArray().ToArray();
                if (condition(items))
                {
                    return items;
                }
            }

            limit.IsCancellationRequested.ShouldBeFalse("the audit should have had the rows");
            await Task.Delay(20, Token);
        }
    }

    private static async Task<JsonElement> CheckAsync(GatewayUnderTest gateway)
    {
        using var response = await gateway.GetAsync("/api/audit/check", Plan.AdminKey);
        return JsonDocument.Parse(await GatewayUnderTest.TextAsync(response)).RootElement;
    }

    private static string? Text(JsonElement item, string name) => item.GetProperty(name).GetString();

    private static async Task ExecuteAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Token);
    }
}
