using AiFactory.Gateway.Batches.Running;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.Testing.Postgres;
using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.Gateway.Tests.Batches;

/// <summary>Two gateways at the table of requests, one of which was held up.</summary>
public sealed class RequestStoreTests(PostgresFixture postgres)
{
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
        Task<IReadOnlyList<RequestRow>> ClaimAsync(Guid claim, DateTimeOffset at) => store.ClaimAsync(claim, 10, 2, at, at.AddMinutes(1), token);

        // 1. No more than two are under way together.
        var first = await ClaimAsync(one, now);
        first.Select(row => (row.Line, row.Attempt, row.Deaths)).ShouldBe([(1, 1, 0), (2, 1, 0)]);
        (await ClaimAsync(two, now)).ShouldBeEmpty();

        // 2. One renews the first alone; when the lease of the other is over, it is another's, which is counted.
        (await store.RenewAsync(one, [first[0].Id], now.AddMinutes(3), token)).ShouldBe([first[0].Id]);
        var taken = (await ClaimAsync(two, now.AddMinutes(2))).Single();
        (taken.Line, taken.Attempt, taken.Deaths).ShouldBe((2, 2, 1));
        (await store.RenewAsync(one, [first[0].Id, first[1].Id], now.AddMinutes(3), token)).ShouldBe([first[0].Id]);

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
        (await store.RenewAsync(one, [trial.Id], now.AddMinutes(9), token)).ShouldBeEmpty();
        await client.UntilAsync(id, "cancelled");
        (await store.FinishAsync(trial, one, result, null, now, token)).ShouldBeFalse("cancelled, it was frozen without this one");
    }
}
