using System.Net;
using System.Text.Json;
using AiFactory.Contracts.Library;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Metering;
using AiFactory.Gateway.Rollouts;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.Gateway.Variants;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Postgres;
using AiFactory.Testing.Postgres;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace AiFactory.Gateway.Tests.Rollouts;

public sealed class RolloutReporterTests(PostgresFixture postgres)
{
    private static readonly (string, string)[] Quick = [("Rollouts:ReportInterval", "00:00:00.050"), ("Retries:Delay", "00:00:00.001")];

    /// <summary>FEATURES, row 50: no client sees the canary's errors, for the named deployment answers in its place, and the ledger knows of them all the same.</summary>
    [Fact]
    public async Task The_library_is_told_of_the_canary_s_errors_also_where_no_client_saw_one()
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var stable = await FakeWorker.StartedAsync();
        await using var canary = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, "{}", 503));
        var plan = Plan(stable, canary, percent: 40);
        await using var gateway = await GatewayUnderTest.StartAsync(plan, [ledger.Setting, .. Quick]);

        for (var tenant = 0; tenant < 50; tenant++)
        {
            using var response = await ChatAsync(gateway, $"tenant-{tenant}");
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        var told = await ToldAsync(gateway, observation => observation.Candidate.Requests + observation.Baseline.Requests == 50);
        told.Candidate.Requests.ShouldBe(told.Candidate.Failures);
        told.Candidate.Requests.ShouldBeInRange(5, 45, "40 % of these tenants");
        (told.Baseline.Failures, told.Candidate.P95).ShouldBe((0, null));
        told.Baseline.P95.ShouldNotBeNull().ShouldBeGreaterThan(0);
        (told.Step, told.Since).ShouldBe((1, Rollout.Since));
        var rows = await ledger.RowsAsync();
        rows.Count(row => row.Variant == plan.Deployments[1].Id).ShouldBe((int)told.Candidate.Requests);
        rows.ShouldAllBe(row => row.Deployment == "demo-chat", "nobody saw the canary");
        var request = gateway.Library.Seen.Last(seen => seen.Target.EndsWith("/observations", StringComparison.Ordinal));
        gateway.Services.GetRequiredService<IdentityTokens>().TryVerify(request.Headers["Authorization"]["Bearer ".Length..], out var identity).ShouldBeTrue();
        identity.ShouldNotBeNull().Subject.ShouldBe("service:gateway");
    }

    [Fact]
    public async Task What_says_nothing_of_a_model_and_what_was_before_the_step_is_not_counted()
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var stable = await FakeWorker.StartedAsync();
        await using var canary = await FakeWorker.StartedAsync();
        var plan = Plan(stable, canary, percent: 50);
        await using var gateway = await GatewayUnderTest.StartAsync(plan with { Deployments = [plan.Deployments[0] with { Rollout = null }, plan.Deployments[1]] }, ledger.Setting, ("Rollouts:ReportInterval", "00:01:00"));
        await gateway.Services.GetRequiredService<MigrationState>().Completed.WaitAsync(TimeSpan.FromSeconds(30), Token);
        var (baseline, candidate) = (plan.Deployments[0].Id, plan.Deployments[1].Id);
        var since = Rollout.Since;
        await gateway.Services.GetRequiredService<UsageStore>().InsertAsync(
            [
                .. Enumerable.Range(1, 100).Select(i => Row(since.AddSeconds(i), candidate, "answered") with { TotalMicros = i * 10_000 }),
                Row(since.AddSeconds(1), candidate, "failed"),
                Row(since.AddSeconds(1), candidate, "deadline"),
                Row(since.AddSeconds(1), candidate, "answered") with { DeploymentId = baseline }, // a fallback
                Row(since.AddSeconds(1), candidate, "refused"),
                Row(since.AddSeconds(1), candidate, "client-left"),
                Row(since.AddSeconds(1), candidate, "client-left") with { TotalMicros = 3_000_001 }, // longer than the baseline takes, and nothing had come
                Row(since.AddSeconds(1), candidate, "client-left") with { TotalMicros = 3_000_001, FirstTokenMicros = 1 },
                Row(since.AddSeconds(1), candidate, "failed") with { Error = "queue_deadline" }, // the client's own time, and what others fill a queue with
                Row(since.AddSeconds(1), candidate, "failed") with { Error = "queue_full" },
                Row(since.AddSeconds(1), candidate, "failed") with { Error = "upstream_overloaded" },
                Row(since.AddSeconds(1), candidate, "failed") with { Error = "deadline_exceeded" },
                Row(since.AddSeconds(1), candidate, "interrupted"),
                Row(since.AddSeconds(1), candidate, "answered") with { Cache = "hit" },
                Row(since.AddSeconds(1), candidate, "answered") with { RequestedModel = "another" }, // asked for by another name
                Row(since.AddSeconds(1), candidate, "failed") with { RolloutStep = since.AddMinutes(-5) }, // another step's
                Row(since.AddSeconds(1), candidate, "failed") with { RolloutStep = null }, // of before a rollout
                Row(since.AddHours(-1), candidate, "answered") with { TotalMicros = 500_000 }, // the clock of its gateway is behind
                Row(since.AddHours(1), candidate, "failed") with { RolloutStep = since.AddMinutes(-5) }, // or ahead
                Row(since.AddSeconds(1), baseline, "answered") with { TotalMicros = 2_000_000 },
                // The hour before, when there was no policy.
                Row(Rollout.Began.AddMinutes(-30), baseline, "answered") with { Variant = null, TotalMicros = 3_000_000 },
                Row(Rollout.Began.AddMinutes(-30), baseline, "client-left") with { Variant = null, TotalMicros = 3_000_000 },
                Row(Rollout.Began.AddMinutes(-30), baseline, "client-left") with { Variant = null, TotalMicros = 3_000_001 },
                Row(Rollout.Began.AddMinutes(-61), baseline, "failed") with { Variant = null },
            ],
            Token);

        await gateway.PublishAsync(plan with { Version = 2 });
        var index = gateway.Services.GetRequiredService<VariantIndex>();
        while (!await index.EnsureAsync(Token))
        {
            await Task.Yield(); // the gateway itself makes it just now
        }

        await gateway.Services.GetRequiredService<RolloutReporter>().RunOnceAsync(Token);

        var told = await ToldAsync(gateway, observation => observation.Candidate.Requests > 0);
        (told.Candidate.Requests, told.Candidate.Failures, told.Candidate.Left).ShouldBe((104, 3, 1));
        told.Candidate.P95.ShouldNotBeNull().ShouldBe(0.95, 0.01);
        told.Candidate.P99.ShouldNotBeNull().ShouldBe(0.99, 0.01);
        told.Baseline.ShouldBe(new RolloutSample(1, 0, 2, 2, 2));
        told.Before.ShouldBe(new RolloutSample(1, 0, 3, 3, 3) { Left = 1 });
    }

    /// <summary>One that is without a replica now and then had no failure, and its requests were the baseline's.</summary>
    [Fact]
    public async Task A_request_that_was_meant_for_a_candidate_without_a_replica_is_its_failure()
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var stable = await FakeWorker.StartedAsync();
        var candidate = Edges.Plan.Deployment("canary");
        var named = Edges.Plan.Chat(stable).Deployments[0];
        var plan = Edges.Plan.Of(
            named with { Traffic = new TrafficPolicy { Splits = [new TrafficSplit("canary", 100)] }, Rollout = Rollout with { Baseline = named.Id, Candidate = candidate.Id } }, candidate);
        await using var gateway = await GatewayUnderTest.StartAsync(plan, [ledger.Setting, .. Quick]);

        for (var i = 0; i < 5; i++)
        {
            using var response = await gateway.ChatAsync();
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        var told = await ToldAsync(gateway, observation => observation.Candidate.Requests + observation.Baseline.Requests == 5);
        (told.Candidate.Requests, told.Candidate.Failures, told.Baseline.Requests).ShouldBe((5, 5, 0));
    }

    /// <summary>Its clients may wait for minutes, and until then all that had answered was quick.</summary>
    [Fact]
    public async Task What_hangs_is_told_while_it_is_open_and_not_what_has_begun_to_answer()
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var stable = await FakeWorker.StartedAsync();
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var canary = await FakeWorker.StartedAsync(async context =>
        {
            var streams = context.Items[FakeWorker.BodyItem] is string body && body.Contains("stream", StringComparison.Ordinal);
            if (streams)
            {
                await FakeWorker.WriteEventAsync(context, FakeWorker.Chunk("Hello"));
            }

            await go.Task.WaitAsync(context.RequestAborted);
            await (streams ? FakeWorker.WriteEventAsync(context, "data: [DONE]\n\n") : FakeWorker.WriteJsonAsync(context, FakeWorker.Completion));
        });
        await using var gateway = await GatewayUnderTest.StartAsync(Plan(stable, canary, percent: 100), [ledger.Setting, .. Quick, ("Rollouts:HangsAfter", "00:00:00")]);

        var hung = Enumerable.Range(0, 3).Select(i => ChatAsync(gateway, $"tenant-{i}")).ToList();
        using var begun = await gateway.ChatAsync("""{"model":"demo-chat","messages":[],"stream":true}""");
        var told = await ToldAsync(gateway, observation => observation.Candidate.Hanging == 3);

        (told.Candidate.Requests, told.Candidate.Left, told.Baseline.Hanging).ShouldBe((0, 0, 0));
        go.SetResult();
        foreach (var answer in hung)
        {
            (await answer).Dispose();
        }

        told = await ToldAsync(gateway, observation => observation.Candidate.Requests == 4);
        (await ToldAsync(gateway, observation => observation.At >= told.At && observation.Candidate.Hanging == 0)).Candidate.Failures.ShouldBe(0);
    }

    /// <summary>Enough requests and no failure are no reason to go on while failures lie in an outbox.</summary>
    [Fact]
    public async Task The_library_is_told_how_far_the_ledger_is_and_by_then_it_has_all()
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var stable = await FakeWorker.StartedAsync();
        await using var canary = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Plan(stable, canary, percent: 100), [ledger.Setting, .. Quick]);
        await ToldAsync(gateway, observation => observation.Delivered is not null);
        await using var source = NpgsqlDataSource.Create(ledger.ConnectionString);

        // 1. The ledger takes no record: what ended meanwhile is not said to be in it.
        await using var connection = await source.OpenConnectionAsync(Token);
        await using var holding = await connection.BeginTransactionAsync(Token);
        await ExecuteAsync(connection, "lock table usage in exclusive mode");
        using var answered = await ChatAsync(gateway, "tenant");
        while (await ScalarAsync<long>(source, "select count(*) from pg_locks as l join pg_stat_activity as a using (pid) where l.relation = 'usage'::regclass and not l.granted and a.query like 'copy usage%'") == 0)
        {
            await Task.Delay(20, Token); // until the gateway tries
        }

        var ended = new DateTimeOffset(await ScalarAsync<DateTime>(source, "select now()"));
        var told = await ToldAsync(gateway, observation => observation.At > ended);
        told = await ToldAsync(gateway, observation => observation.At > told.At); // which was looked at as a whole after it had ended
        (told.Candidate.Requests, told.Delivered < ended).ShouldBe((0, true));
        await holding.RollbackAsync(Token);
        (await ToldAsync(gateway, observation => observation.Delivered >= ended)).Candidate.Requests.ShouldBe(1, "all that had ended before");

        // 2. Of several gateways the slowest says how far it is, and one that is gone says nothing for ever.
        var other = Guid.CreateVersion7();
        await ExecuteAsync(connection, $"insert into gateway_marks (gateway, at, delivered, hanging) values ('{other}', now(), '2026-11-01T13:00:00Z', '[]')");
        var held = await ToldAsync(gateway, observation => observation.Delivered == Rollout.Since);
        await ExecuteAsync(connection, $"update gateway_marks set at = now() - interval '121 seconds' where gateway = '{other}'");
        await ToldAsync(gateway, observation => observation.At > held.At && observation.Delivered > ended);
    }

    /// <summary>Else whoever asks for the impossible could have any candidate taken back.</summary>
    [Fact]
    public async Task A_time_of_the_client_s_own_that_is_up_is_no_failure_of_who_was_asked()
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var worker = await FakeWorker.StartedAsync(context => context.Request.Headers.ContainsKey("x-slo-ttft-ms")
            ? FakeWorker.WriteJsonAsync(context, """{"error":{"message":"late","type":"server_error","param":null,"code":"deadline_exceeded"}}""", 503)
            : FakeWorker.WriteJsonAsync(context, FakeWorker.Completion));
        await using var gateway = await GatewayUnderTest.StartAsync(Plan(worker, worker, percent: 100), [ledger.Setting, .. Quick]);

        using var hurried = GatewayUnderTest.Request(HttpMethod.Post, "/v1/chat/completions", json: """{"model":"demo-chat","messages":[]}""");
        hurried.Headers.Add("x-slo-ttft-ms", "5000");
        using var late = await gateway.SendAsync(hurried);
        using var answered = await ChatAsync(gateway, "tenant");

        (late.StatusCode, answered.StatusCode).ShouldBe((HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK));
        (await ledger.RowsAsync(2)).Select(row => row.Error).ShouldBe(["deadline_exceeded", null]);
        var told = await ToldAsync(gateway, observation => observation.Candidate.Requests > 0);
        (told.Candidate.Requests, told.Candidate.Failures).ShouldBe((1, 0));
    }

    /// <summary>FEATURES, row 51.</summary>
    [Fact]
    public async Task A_switch_of_all_requests_and_back_loses_none_that_is_under_way()
    {
        await using var blue = await FakeWorker.StartedAsync();
        await using var green = await FakeWorker.StartedAsync();
        var plan = Plan(blue, green, percent: 100);
        await using var gateway = await GatewayUnderTest.StartAsync(plan with { Deployments = [plan.Deployments[0] with { Traffic = null }, plan.Deployments[1]] });
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var answered = 0;
        var clients = Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            while (!end.IsCancellationRequested)
            {
                using var response = await gateway.ChatAsync();
                (response.StatusCode, await GatewayUnderTest.TextAsync(response)).ShouldBe((HttpStatusCode.OK, FakeWorker.Completion));
                Interlocked.Increment(ref answered);
            }
        }, Token)).ToList();

        await GatewayUnderTest.UntilAsync(() => blue.Seen.Count > 50);
        await gateway.PublishAsync(plan with { Version = 2 });
        await GatewayUnderTest.UntilAsync(() => green.Seen.Count > 50);
        var (blues, greens) = (blue.Seen.Count, green.Seen.Count);
        await gateway.PublishAsync(plan with { Version = 3, Deployments = [plan.Deployments[0] with { Traffic = null }, plan.Deployments[1]] });
        await GatewayUnderTest.UntilAsync(() => blue.Seen.Count > blues + 50);
        await end.CancelAsync();
        await Task.WhenAll(clients);

        greens.ShouldBeGreaterThan(50);
        answered.ShouldBe(blue.Seen.Count + green.Seen.Count, "each was asked once, and answered");
    }

    /// <summary>FEATURES, row 50: 100 of 1,000; and of those who have the canary none loses it while its share grows.</summary>
    [Fact]
    public async Task A_tenth_of_the_sticky_callers_has_the_canary_and_keeps_it_while_its_share_grows()
    {
        await using var stable = await FakeWorker.StartedAsync();
        await using var canary = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Plan(stable, canary, percent: 10));
        var tenants = Enumerable.Range(0, 1_000).Select(i => $"tenant-{i}").ToList();

        var first = await WhoHaveAsync(gateway, tenants);
        await gateway.PublishAsync(Plan(stable, canary, percent: 25) with { Version = 2 });
        var second = await WhoHaveAsync(gateway, first);

        first.Count.ShouldBeInRange(70, 130); // of these names always the same
        second.ShouldBe(first);
    }

    /// <summary>Where the named deployment has no share any more, it may not be there any more either.</summary>
    [Fact]
    public async Task The_share_of_a_candidate_without_a_replica_goes_to_the_baseline_where_that_is_another_than_the_named_one()
    {
        await using var green = await FakeWorker.StartedAsync();
        var named = Edges.Plan.Deployment("demo-chat") with { Traffic = new TrafficPolicy { Splits = [new TrafficSplit("red", 50), new TrafficSplit("green", 50)] } };
        await using var gateway = await GatewayUnderTest.StartAsync(Edges.Plan.Of(named, Edges.Plan.Deployment("red"), Edges.Plan.Deployment("green", green)));

        for (var i = 0; i < 20; i++)
        {
            using var response = await gateway.ChatAsync();
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        green.Seen.Count.ShouldBe(20);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static RolloutRoute Rollout { get; } = new(
        Guid.CreateVersion7(), 1, new DateTimeOffset(2026, 11, 1, 13, 0, 0, TimeSpan.Zero), new DateTimeOffset(2026, 11, 1, 12, 0, 0, TimeSpan.Zero), Guid.Empty, Guid.Empty);

    private static Plan Plan(FakeWorker stable, FakeWorker canary, int percent)
    {
        var (baseline, candidate) = (Edges.Plan.Chat(stable).Deployments[0], Edges.Plan.Deployment("canary", canary));
        return Edges.Plan.Of(
            baseline with
            {
                Traffic = new TrafficPolicy { Splits = [new TrafficSplit("canary", percent)], StickyBy = "header:x-tenant" },
                Rollout = Rollout with { Baseline = baseline.Id, Candidate = candidate.Id },
            },
            candidate);
    }

    private static UsageRow Row(DateTimeOffset at, Guid variant, string outcome) => new()
    {
        Id = Guid.CreateVersion7(),
        At = at,
        Project = "default",
        Subject = "user:ada",
        Operation = "chat/completions",
        RequestedModel = "demo-chat",
        Deployment = "any",
        DeploymentId = variant,
        Variant = variant,
        RolloutStep = Rollout.Since,
        RequestId = "id",
        Stream = false,
        Attempts = 1,
        Estimated = false,
        Outcome = outcome,
        Status = 200,
        QueuedMicros = 0,
        TotalMicros = 1,
    };

    private static async Task<T> ScalarAsync<T>(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(Token) ?? throw new InvalidOperationException("It has one row."));
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Token);
    }

    private static async Task<List<string>> WhoHaveAsync(GatewayUnderTest gateway, IReadOnlyList<string> tenants)
    {
        var have = new List<string>();
        foreach (var tenant in tenants)
        {
            using var response = await ChatAsync(gateway, tenant);
            if (response.Headers.GetValues("x-aifactory-answered-by").Single() == "canary")
            {
                have.Add(tenant);
            }
        }

        return have;
    }

    private static async Task<HttpResponseMessage> ChatAsync(GatewayUnderTest gateway, string tenant)
    {
        using var request = GatewayUnderTest.Request(HttpMethod.Post, "/v1/chat/completions", json: """{"model":"demo-chat","messages":[]}""");
        request.Headers.Add("x-tenant", tenant);
        return await gateway.SendAsync(request);
    }

    private static async Task<RolloutObservation> ToldAsync(GatewayUnderTest gateway, Func<RolloutObservation, bool> until)
    {
        RolloutObservation? found = null;
        await GatewayUnderTest.UntilAsync(() => (found = gateway.Library.Seen
            .Where(seen => seen.Target == $"/internal/rollouts/{Rollout.Id}/observations")
            .Select(seen => JsonSerializer.Deserialize<RolloutObservation>(seen.Body, JsonSerializerOptions.Web))
            .LastOrDefault(observation => observation is not null && until(observation))) is not null);
        return found ?? throw new InvalidOperationException("Nothing was told.");
    }
}
