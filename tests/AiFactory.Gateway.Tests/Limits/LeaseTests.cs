using System.Net;
using System.Security.Cryptography;
using System.Text;
using AiFactory.Contracts;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Limits;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.Testing;
using AiFactory.Testing.Postgres;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.Gateway.Tests.Limits;

/// <summary>Several gateways share limits by a real database: none lets pass what another has, and none refuses what is left.</summary>
public sealed class LeaseTests(PostgresFixture postgres)
{
    private const string Body = """{"model":"demo-chat","max_tokens":2}""";
    private static readonly (string, string)[] Prices = [("Pricing:Models:0:Model", "demo-chat"), ("Pricing:Models:0:Output", "10")];

    /// <summary>However slow the machine is, no gateway is taken for dead and none is not waited for.</summary>
    private static readonly (string, string)[] Patient = [("Limits:Wait", "00:00:30"), ("Limits:Heartbeat", "00:00:03")];

    /// <summary>Row 11.</summary>
    [Fact]
    public async Task Two_gateways_together_let_sixty_a_minute_pass_and_as_many_in_the_next()
    {
        var clock = new ManualTimeProvider(new DateTimeOffset(2026, 11, 22, 9, 0, 20, TimeSpan.Zero));
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var worker = await FakeWorker.StartedAsync();
        var plan = Plan.Chat(worker).Limited(LimitScopes.Key, LimitMeasures.Requests, LimitPeriods.Minute, 60);
        await using var one = await GatewayUnderTest.StartAsync(plan, clock, [ledger.Setting, .. Patient]);
        await using var two = await GatewayUnderTest.StartAsync(plan, clock, [ledger.Setting, .. Patient]);

        (await BurstAsync([one, two], 150)).ShouldBe((60, 90));
        using (var refused = await two.ChatAsync(Body))
        {
            refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
            refused.Headers.RetryAfter.ShouldNotBeNull().Delta.ShouldBe(TimeSpan.FromSeconds(40));
        }

        clock.Advance(TimeSpan.FromSeconds(40));
        (await BurstAsync([one, two], 100)).ShouldBe((60, 40));
        worker.Seen.Count.ShouldBe(120);
    }

    /// <summary>The bar "budget burst": overspend 0, false refusals 0.</summary>
    [Fact]
    public async Task Of_a_thousand_requests_at_once_at_three_gateways_a_budget_for_500_lets_exactly_500_pass()
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var worker = await FakeWorker.StartedAsync();
        var plan = Plan.Chat(worker).Limited(LimitScopes.Project, LimitMeasures.Cost, LimitPeriods.Total, 0.01m);
        await using var one = await GatewayUnderTest.StartAsync(plan, [ledger.Setting, .. Prices, .. Patient]);
        await using var two = await GatewayUnderTest.StartAsync(plan, [ledger.Setting, .. Prices, .. Patient]);
        await using var three = await GatewayUnderTest.StartAsync(plan, [ledger.Setting, .. Prices, .. Patient]);

        (await BurstAsync([one, two, three], 1000)).ShouldBe((500, 500));

        worker.Seen.Count.ShouldBe(500);
        (await ledger.RowsAsync(500)).Sum(row => row.CostMicros).ShouldBe(10_000);
        await ledger.SpentAsync(10_000);
    }

    [Fact]
    public async Task What_failed_requests_give_back_and_what_one_gateway_does_not_use_the_other_gets()
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var worker = await FakeWorker.StartedAsync();
        worker.Script = context => FakeWorker.WriteJsonAsync(context, FakeWorker.Completion, worker.Seen.Count % 3 == 0 ? 500 : 200);
        var plan = Plan.Chat(worker).Limited(LimitScopes.Project, LimitMeasures.Requests, LimitPeriods.Total, 40);
        await using var one = await GatewayUnderTest.StartAsync(plan, [ledger.Setting, .. Patient]);
        await using var two = await GatewayUnderTest.StartAsync(plan, [ledger.Setting, .. Patient]);

        // The first takes its share and uses one of it: the other comes to all of the rest.
        (await AskAsync(one)).ShouldBe(HttpStatusCode.OK);
        var passed = 1;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (passed < 40)
        {
            limit.IsCancellationRequested.ShouldBeFalse($"{passed} of 40 passed");
            passed += await AskAsync(two) == HttpStatusCode.OK ? 1 : 0;
        }

        (await AskAsync(one)).ShouldBe(HttpStatusCode.TooManyRequests);
        (await AskAsync(two)).ShouldBe(HttpStatusCode.TooManyRequests);
        await ledger.SpentAsync(40);
    }

    /// <summary>Row 11.</summary>
    [Fact]
    public async Task A_token_quota_outlives_a_restart_and_another_gateway_knows_of_it()
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        var folder = Directory.CreateTempSubdirectory("aifactory-gateway-");
        await using var worker = await FakeWorker.StartedAsync();
        // Each takes 11 and reserves 12: a prompt of 36 bytes and 3 tokens at most.
        var body = Body.Replace("2}", "3}");
        var plan = Plan.Chat(worker).Limited(LimitScopes.Project, LimitMeasures.Tokens, LimitPeriods.Total, 100);
        await using (var first = await StartAsync())
        {
            for (var i = 0; i < 5; i++)
            {
                (await AskAsync(first, body)).ShouldBe(HttpStatusCode.OK);
            }
        }

        await ledger.SpentAsync(55);
        await using (var again = await StartAsync())
        {
            await using var other = await GatewayUnderTest.StartAsync(plan, [ledger.Setting, .. Patient]);
            (await AskAsync(again, body)).ShouldBe(HttpStatusCode.OK);
            (await AskAsync(other, body)).ShouldBe(HttpStatusCode.OK);
            await ledger.SpentAsync(77);
            (await AskAsync(other, body)).ShouldBe(HttpStatusCode.OK);
            await ledger.SpentAsync(88);

            // 12 are left: they are enough once more, and then one token is.
            (await AskAsync(again, body)).ShouldBe(HttpStatusCode.OK);
            await ledger.SpentAsync(99);
            (await AskAsync(again, body)).ShouldBe(HttpStatusCode.TooManyRequests);
            (await AskAsync(other, body)).ShouldBe(HttpStatusCode.TooManyRequests);
        }

        folder.Delete(recursive: true);

        async Task<GatewayUnderTest> StartAsync()
        {
            var gateway = await GatewayUnderTest.StartAsync(await FakeLibrary.StartedAsync(plan.Snapshot()), folder.FullName, [ledger.Setting, .. Patient]);
            await GatewayUnderTest.UntilAsync(() => gateway.Version == 1);
            return gateway;
        }
    }

    [Fact]
    public async Task A_limit_that_changes_under_load_holds_for_all_gateways()
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var worker = await FakeWorker.StartedAsync();
        await using var one = await GatewayUnderTest.StartAsync(Of(1000, 1), [ledger.Setting, .. Patient]);
        await using var two = await GatewayUnderTest.StartAsync(Of(1000, 1), [ledger.Setting, .. Patient]);
        (await BurstAsync([one, two], 20)).ShouldBe((20, 0));

        // Lowered: what both hold of the former is void.
        await Task.WhenAll(one.PublishAsync(Of(60, 2)), two.PublishAsync(Of(60, 2)));
        (await BurstAsync([one, two], 100)).ShouldBe((40, 60));

        // Raised while they ask all the time.
        using var enough = new CancellationTokenSource();
        var asking = new[] { one, two }.Select(async gateway =>
        {
            var passed = 0;
            while (!enough.IsCancellationRequested)
            {
                passed += await AskAsync(gateway) == HttpStatusCode.OK ? 1 : 0;
                await Task.Delay(5, TestContext.Current.CancellationToken);
            }

            return passed;
        }).ToArray();
        await Task.WhenAll(one.PublishAsync(Of(100, 3)), two.PublishAsync(Of(100, 3)));
        await ledger.SpentAsync(100);
        await enough.CancelAsync();
        (await Task.WhenAll(asking)).Sum().ShouldBe(40);
        worker.Seen.Count.ShouldBe(100);

        Plan Of(int amount, int version) => Plan.Chat(worker).Limited(LimitScopes.Factory, LimitMeasures.Requests, LimitPeriods.Total, amount) with { Version = version };
    }

    [Fact]
    public async Task Places_among_the_requests_at_once_go_to_the_gateway_that_needs_them()
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        var go = new TaskCompletionSource();
        await using var worker = await FakeWorker.StartedAsync(async context =>
        {
            await go.Task.WaitAsync(context.RequestAborted);
            await FakeWorker.WriteJsonAsync(context, FakeWorker.Completion);
        });
        var plan = Plan.Chat(worker).Limited(LimitScopes.Project, LimitMeasures.Concurrency, null, 8);
        await using var one = await GatewayUnderTest.StartAsync(plan, [ledger.Setting, .. Patient]);
        await using var two = await GatewayUnderTest.StartAsync(plan, [ledger.Setting, .. Patient]);
        var running = new List<Task<HttpStatusCode>> { AskAsync(one) };
        await GatewayUnderTest.UntilAsync(() => worker.Seen.Count == 1);

        running.AddRange(Enumerable.Range(0, 7).Select(_ => AskAsync(two)));
        await GatewayUnderTest.UntilAsync(() => worker.Seen.Count == 8);
        (await AskAsync(one)).ShouldBe(HttpStatusCode.TooManyRequests);
        (await AskAsync(two)).ShouldBe(HttpStatusCode.TooManyRequests);
        go.SetResult();
        (await Task.WhenAll(running)).ShouldAllBe(status => status == HttpStatusCode.OK);
        (await ledger.FiguresAsync()).Spent.ShouldBe(0);
    }

    [Theory]
    [InlineData("false", HttpStatusCode.ServiceUnavailable, "limits_unavailable")]
    [InlineData("true", HttpStatusCode.OK, "chat.completion")]
    public async Task While_the_database_is_away_what_was_granted_is_served_and_then_the_setting_says(string serve, HttpStatusCode then, string says)
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        var direct = new Npgsql.NpgsqlConnectionStringBuilder(ledger.ConnectionString);
        await using var forwarder = new TcpForwarder(direct.Port);
        direct.Port = forwarder.Port;
        forwarder.Open();
        await using var worker = await FakeWorker.StartedAsync();
        var plan = Plan.Chat(worker).Limited(LimitScopes.Project, LimitMeasures.Cost, LimitPeriods.Total, 0.002m, name: "budget").Limited(LimitScopes.Project, LimitMeasures.Requests, LimitPeriods.Hour, 200, name: "pace");
        await using var gateway = await GatewayUnderTest.StartAsync(plan.Snapshot(), [("ConnectionStrings:gatewaydb", direct.ConnectionString), ("Limits:ServeWhenUnknown", serve), .. Prices]);
        (await AskAsync(gateway)).ShouldBe(HttpStatusCode.OK);
        await ledger.SpentAsync(20 + 1);

        // A half of the budget for a hundred was granted.
        await forwarder.CloseAsync();
        for (var i = 1; i < 50; i++)
        {
            (await AskAsync(gateway)).ShouldBe(HttpStatusCode.OK, $"request {i}");
        }

        var passed = 50;
        using (var answer = await gateway.ChatAsync(Body))
        {
            answer.StatusCode.ShouldBe(then);
            (await GatewayUnderTest.TextAsync(answer)).ShouldContain(says);
            passed += answer.IsSuccessStatusCode ? 1 : 0;
        }

        // What was used meanwhile is counted, and the rest is there again.
        forwarder.Open();
        await ledger.SpentAsync(21 * passed);
        await GatewayUnderTest.UntilAsync(() => !gateway.Services.GetRequiredService<LeaseBook>().IsAway);
        var (all, refused) = (passed, 0);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (all < 100 || refused < 3)
        {
            limit.IsCancellationRequested.ShouldBeFalse($"{all} of 100 passed");
            var status = await AskAsync(gateway);
            (all, refused) = status == HttpStatusCode.OK ? (all + 1, refused) : (all, refused + (all < 100 ? 0 : 1));
        }

        all.ShouldBe(100);
        await ledger.SpentAsync(2100);
    }

    /// <summary>Each key's limit was asked for alone, and who came late was told that it was used up.</summary>
    [Fact]
    public async Task Of_many_keys_whose_hour_begins_at_once_none_is_refused()
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var worker = await FakeWorker.StartedAsync();
        var keys = Enumerable.Range(0, 1000).Select(i => $"aif_many{i:000000}0000000000000000000000000000000000").ToArray();
        var plan = Plan.Chat(worker).Limited(LimitScopes.Key, LimitMeasures.Requests, LimitPeriods.Hour, 10);
        plan = plan with
        {
            Keys = [.. keys.Select(key => new ApiKeyRoute(Guid.CreateVersion7(), "many", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key))), "default", false, ["developer"], null))],
        };
        await using var gateway = await GatewayUnderTest.StartAsync(plan, ledger.Setting);

        var answers = await Task.WhenAll(keys.Select(async key =>
        {
            using var answer = await gateway.ChatAsync(Body, key);
            return answer.StatusCode;
        }));

        answers.ShouldAllBe(status => status == HttpStatusCode.OK);
    }

    /// <summary>What the database cannot index once ended the waiting of all limits of all tenants.</summary>
    [Fact]
    public async Task An_owners_name_of_any_length_is_counted_and_takes_nothing_from_others()
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var worker = await FakeWorker.StartedAsync();
        var plan = Plan.Of(Plan.Deployment("demo-chat", "default", "chat", "factory", worker)) with
        {
            Limits = [new LimitRoute(Guid.CreateVersion7(), "each-project", null, LimitScopes.Project, null, null, LimitMeasures.Requests, LimitPeriods.Total, 2)],
        };
        await using var gateway = await GatewayUnderTest.StartAsync(plan, [ledger.Setting, .. Patient]);
        var name = Convert.ToHexString(RandomNumberGenerator.GetBytes(5000));

        (await AskLongAsync()).ShouldBe(HttpStatusCode.OK);
        (await AskAsync(gateway)).ShouldBe(HttpStatusCode.OK);
        (await AskLongAsync()).ShouldBe(HttpStatusCode.OK);
        (await AskLongAsync()).ShouldBe(HttpStatusCode.TooManyRequests);
        gateway.Log.Lines.ShouldNotContain(line => line.Contains("LeaseKeeper failed", StringComparison.Ordinal));

        async Task<HttpStatusCode> AskLongAsync()
        {
            using var request = GatewayUnderTest.Request(HttpMethod.Post, "/v1/chat/completions", Plan.AdminKey, Body);
            request.Headers.Add("OpenAI-Project", name);
            using var answer = await gateway.SendAsync(request);
            return answer.StatusCode;
        }
    }

    /// <summary>Each limit of each request was waited for, for nobody had said that the database was away.</summary>
    [Fact]
    public async Task A_gateway_that_starts_while_the_database_is_away_keeps_a_pace_and_does_not_wait_for_it()
    {
        await using var worker = await FakeWorker.StartedAsync();
        var plan = Plan.Chat(worker).Limited(LimitScopes.Key, LimitMeasures.Requests, LimitPeriods.Hour, 1000).Limited(LimitScopes.Project, LimitMeasures.Requests, LimitPeriods.Hour, 1000, name: "two")
            .Limited(LimitScopes.Project, LimitMeasures.Requests, LimitPeriods.Total, 5, model: "other-chat", name: "quota");
        plan = plan with { Deployments = [.. plan.Deployments, Plan.Deployment("other-chat", worker)] };
        await using var gateway = await GatewayUnderTest.StartAsync(plan.Snapshot(), ("ConnectionStrings:gatewaydb", "Host=127.0.0.1;Port=1;Username=x;Password=x;Database=x;Timeout=2"), ("Limits:Wait", "00:00:30"));
        await GatewayUnderTest.UntilAsync(() => gateway.Services.GetRequiredService<LeaseBook>().IsAway);

        // The client of the test gives up after 30 s.
        (await AskAsync(gateway)).ShouldBe(HttpStatusCode.OK);
        (await AskAsync(gateway, """{"model":"other-chat"}""")).ShouldBe(HttpStatusCode.ServiceUnavailable);
    }

    private static async Task<(int Passed, int Refused)> BurstAsync(GatewayUnderTest[] gateways, int requests)
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, requests).Select(i => AskAsync(gateways[i % gateways.Length])));
        answers.ShouldAllBe(status => status == HttpStatusCode.OK || status == HttpStatusCode.TooManyRequests);
        return (answers.Count(status => status == HttpStatusCode.OK), answers.Count(status => status == HttpStatusCode.TooManyRequests));
    }

    internal static async Task<HttpStatusCode> AskAsync(GatewayUnderTest gateway, string body = Body, string key = Plan.DeveloperKey)
    {
        using var answer = await gateway.ChatAsync(body, key);
        await GatewayUnderTest.TextAsync(answer);
        return answer.StatusCode;
    }
}
