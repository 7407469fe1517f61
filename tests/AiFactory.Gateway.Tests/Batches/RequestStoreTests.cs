using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Batches;
using AiFactory.Gateway.Batches.Running;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.ServiceDefaults.Postgres;
using AiFactory.Testing.Postgres;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace AiFactory.Gateway.Tests.Batches;

/// <summary>Two gateways at the table of requests, one of which was held up.</summary>
public sealed class RequestStoreTests(PostgresFixture postgres)
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(10);

    private static readonly RoutingSnapshot Known = new Plan { Version = 9 }.Snapshot();

    [Fact]
    public async Task Who_lost_a_claim_writes_nothing_and_the_bound_of_a_batch_holds_for_all_together()
    {
        var token = TestContext.Current.CancellationToken;
        await using var bench = await WorkBench.CreateAsync(postgres);
        await using var gateway = await bench.StartAsync(new Plan(), ("Batches:Concurrency", "0"));
        var client = new WorkClient(gateway.Client);
        var id = await client.BatchAsync(["a", "b", "c"], window: "168h");
        await client.UntilAsync(id, "failed");
        id = await client.BatchAsync([WorkClient.Line("a"), WorkClient.Line("b"), WorkClient.Line("c")], window: "168h");
        await client.UntilAsync(id, "in_progress");
        var store = gateway.Services.GetRequiredService<RequestStore>();
        var (one, two) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        var now = TimeProvider.System.GetUtcNow();
        Task<IReadOnlyList<RequestRow>> ClaimAsync(Guid claim, DateTimeOffset at) => store.ClaimAsync(claim, 10, 2, Known, suspects: true, at, Lease, token);

        // 1. No more than two are under way together.
        var first = await ClaimAsync(one, now);
        first.Select(row => (row.Line, row.Attempt, row.Deaths)).ShouldBe([(1, 1, 0), (2, 1, 0)]);
        (await ClaimAsync(two, now)).ShouldBeEmpty();

        // 2. One renews the first alone; when the lease of the other is over, it is another's, which is counted.
        (await store.RenewAsync(one, [first[0].Id], Lease, token)).ShouldBe([first[0].Id]);
        (await store.RenewAsync(one, [first[1].Id], -Lease, token)).ShouldBe([first[1].Id]);
        var taken = (await ClaimAsync(two, now)).Single();
        (taken.Line, taken.Attempt, taken.Deaths).ShouldBe((2, 2, 1));
        (await store.RenewAsync(one, [first[0].Id, first[1].Id], Lease, token)).ShouldBe([first[0].Id]);

        // 3. Its late answer is thrown away, as is what it gives back; the other's stands, once.
        var result = new RequestVerdict.Result(200, "{}"u8.ToArray());
        (await store.FinishAsync(first[1], one, result, null, now, token)).ShouldBeFalse();
        (await store.ReleaseAsync(first[1], one, 0, now, token)).ShouldBe(0);
        (await store.FinishAsync(taken with { Attempt = 1 }, two, result, null, now, token)).ShouldBeFalse();
        (await store.FinishAsync(taken, two, result, null, now, token)).ShouldBeTrue();
        (await store.FinishAsync(taken, two, result, null, now, token)).ShouldBeFalse();

        // 4. A batch that was told to wait begins nothing before that time, and then tries with one; a cancelled one is nobody's.
        await store.ReleaseAsync(first[0], one, 0, now, token);
        await store.PauseAsync(first[0].BatchId, now, now.AddMinutes(5), token);
        (await ClaimAsync(one, now.AddMinutes(4))).ShouldBeEmpty();
        var trial = (await ClaimAsync(one, now.AddMinutes(6))).Single();
        await store.UnpauseAsync(trial.BatchId, token);
        (await ClaimAsync(one, now.AddMinutes(6))).Count.ShouldBe(1);
        (await client.PostAsync($"/v1/batches/{id}/cancel", "")).Status.ShouldBe(200);
        (await store.RenewAsync(one, [trial.Id], Lease, token)).ShouldBeEmpty();
        await client.UntilAsync(id, "cancelled");
        (await store.FinishAsync(trial, one, result, null, now, token)).ShouldBeFalse("cancelled, it was frozen without this one");
    }

    /// <summary>Whatever ends a gateway takes with it all that this has under way: begun together again they would be blamed for one another until all were given up.</summary>
    [Fact]
    public async Task Of_requests_over_which_gateways_ended_twice_a_gateway_begins_one_at_a_time()
    {
        var token = TestContext.Current.CancellationToken;
        await using var bench = await WorkBench.CreateAsync(postgres);
        await using var gateway = await bench.StartAsync(new Plan(), ("Batches:Concurrency", "0"));
        var client = new WorkClient(gateway.Client);
        var id = await client.BatchAsync([WorkClient.Line("a"), WorkClient.Line("b"), WorkClient.Line("c")]);
        await client.UntilAsync(id, "in_progress");
        var store = gateway.Services.GetRequiredService<RequestStore>();
        var claim = Guid.CreateVersion7();
        async Task<(int Line, int Deaths)[]> ClaimAsync(TimeSpan lease, bool suspects = true, int most = 2) =>
            [.. (await store.ClaimAsync(claim, most, 10, Known, suspects, TimeProvider.System.GetUtcNow(), lease, token)).Select(row => (row.Line, row.Deaths)).Order()];

        // 1. Two are begun, and again when their gateway has ended: the first end may have had any reason.
        (await ClaimAsync(-Lease)).ShouldBe([(1, 0), (2, 0)]);
        (await ClaimAsync(-Lease)).ShouldBe([(1, 1), (2, 1)]);

        // 2. From then on one of them, with others that nothing is known of; none where one is under way already, and another gateway takes the next.
        (await ClaimAsync(Lease, most: 10)).ShouldBe([(1, 2), (3, 0)]);
        (await ClaimAsync(Lease, suspects: false)).ShouldBeEmpty();
        (await ClaimAsync(Lease)).ShouldBe([(2, 2)]);

        // 3. All are under way, and the clock of a gateway that is ahead ends nobody's lease.
        (await store.ClaimAsync(claim, 10, 10, Known, suspects: true, TimeProvider.System.GetUtcNow().AddHours(2), Lease, token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_gateway_that_may_not_know_the_key_yet_takes_nothing_of_its_batch()
    {
        await using var bench = await WorkBench.CreateAsync(postgres);
        await using var worker = await FakeWorker.StartedAsync();
        var plan = Plan.Chat(worker);
        await using var informed = await bench.StartAsync(plan with { Version = 2 }, ("Batches:Concurrency", "0"));
        await using var behind = await bench.StartAsync(plan with { Keys = [.. plan.Keys.Where(key => key.Id != plan.Keys[1].Id)] });
        var client = new WorkClient(informed.Client);
        var id = await client.BatchAsync([WorkClient.Line("a")]);
        await client.UntilAsync(id, "in_progress");
        var loop = behind.Services.GetServices<IHostedService>().OfType<RequestWorker>().Single();

        (await loop.RunOnceAsync(TestContext.Current.CancellationToken)).ShouldBeFalse();
        WorkClient.Text((await client.GetAsync($"/v1/batches/{id}")).Body, "status").ShouldBe("in_progress");
        await behind.PublishAsync(plan with { Version = 3 });

        await client.UntilAsync(id, "completed");
    }

    [Fact]
    public async Task Projects_take_turns_with_the_stages_of_their_batches()
    {
        var token = TestContext.Current.CancellationToken;
        await using var bench = await WorkBench.CreateAsync(postgres);
        await using (await bench.StartAsync(new Plan()))
        {
            // Its tables; from here on no gateway runs.
        }

        await using var source = NpgsqlDataSource.Create(bench.Ledger.ConnectionString);
        var database = new Database(source, TimeProvider.System);
        var now = TimeProvider.System.GetUtcNow();
        foreach (var (project, order) in new[] { ("many", 1), ("many", 2), ("many", 3), ("few", 4) })
        {
            await database.ExecuteAsync(
                """
                insert into batches (id, kind, project, subject, endpoint, status, completion_window, created_at, expires_at, stage_at, next_at)
                values (@id, 'batch', @project, 'key:a', '/v1/embeddings', 'validating', '24h', @now, @now + interval '1 day', @now, @now)
                """,
                new { id = Guid.CreateVersion7(now.AddSeconds(order)), project, now },
                token);
        }

        var store = new StageStore(database);
        var claimed = new List<string?>();
        for (var i = 0; i < 4; i++)
        {
            // An hour ahead, and still it takes nothing twice.
            claimed.Add((await store.ClaimAsync(Guid.CreateVersion7(), now.AddHours(1), Lease, token))?.Project);
        }

        claimed.ShouldBe(["many", "few", "many", "many"]);
        (await store.ClaimAsync(Guid.CreateVersion7(), now.AddHours(1), Lease, token)).ShouldBeNull();
    }

    [Fact]
    public async Task An_answer_that_storage_has_lost_ends_its_line_and_not_the_batch()
    {
        var token = TestContext.Current.CancellationToken;
        await using var bench = await WorkBench.CreateAsync(postgres);
        await using var gateway = await bench.StartAsync(new Plan(), ("Batches:Concurrency", "0"));
        var client = new WorkClient(gateway.Client);
        var id = await client.BatchAsync([WorkClient.Line("a")]);
        await client.UntilAsync(id, "in_progress");
        var store = gateway.Services.GetRequiredService<RequestStore>();
        var claim = Guid.CreateVersion7();
        var row = (await store.ClaimAsync(claim, 1, 1, Known, suspects: true, TimeProvider.System.GetUtcNow(), Lease, token)).Single();

        (await store.FinishAsync(row, claim, new RequestVerdict.Result(200, null), "gateway/work/lost", TimeProvider.System.GetUtcNow(), token)).ShouldBeTrue();

        var ended = await client.UntilAsync(id, "completed");
        var line = (await client.LinesAsync(ended, "output_file_id")).Single();
        (WorkClient.Text(line, "custom_id"), line["response"], WorkClient.Text(line, "error.code")).ShouldBe(("a", null, "answer_missing"));
    }

    [Fact]
    public void A_batch_whose_requests_are_all_done_is_completed_however_late_that_is_seen()
    {
        var now = TimeProvider.System.GetUtcNow();
        var batch = new BatchRow
        {
            Id = Guid.CreateVersion7(), Kind = BatchKinds.Batch, Project = "p", Subject = "key:a", Endpoint = "/v1/embeddings", Status = BatchStates.InProgress, CompletionWindow = "1h", CreatedAt = now, ExpiresAt = now,
        };

        (Ending.Of(batch, isDone: true, now).Outcome, Ending.Of(batch, isDone: false, now).Outcome).ShouldBe((BatchStates.Completed, BatchStates.Expired));
    }
}
