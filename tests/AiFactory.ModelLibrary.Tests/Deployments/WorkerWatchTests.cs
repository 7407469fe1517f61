using AiFactory.ModelLibrary.Deployments.Local;
using AiFactory.ModelLibrary.Tests.Edges;
using AiFactory.ModelLibrary.Workers;
using AiFactory.Testing;
using Microsoft.Extensions.Options;

namespace AiFactory.ModelLibrary.Tests.Deployments;

public class WorkerWatchTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly FakeProbe _probe = new();
    private readonly WorkerWatch _watch;

    public WorkerWatchTests() => _watch = new WorkerWatch(_probe, Options.Create(new WorkersOptions()), _time);

    [Fact]
    public async Task A_worker_that_fell_silent_while_the_library_was_away_keeps_its_routes_for_a_while()
    {
        var worker = Worker(WorkerStates.Ready, _time.GetUtcNow() - TimeSpan.FromMinutes(5));

        (await LookAsync(worker)).ShouldBe(Liveness.Live);
        await PassAsync(worker, seconds: 7);
        (await LookAsync(worker)).ShouldBe(Liveness.Silent);
        await PassAsync(worker, seconds: 25);
        (await LookAsync(worker)).ShouldBe(Liveness.Lost);
    }

    [Fact]
    public async Task A_worker_at_whose_address_nothing_listens_is_lost_at_once()
    {
        var worker = Worker(WorkerStates.Ready, _time.GetUtcNow() - TimeSpan.FromSeconds(4));
        _probe.Gone[worker.BaseUrl] = true;

        (await LookAsync(worker)).ShouldBe(Liveness.Lost);
    }

    [Fact]
    public async Task After_three_missed_heartbeats_of_a_library_that_watched_a_worker_is_lost()
    {
        var speaking = Worker(WorkerStates.Ready, _time.GetUtcNow());
        await PassAsync(speaking, seconds: 40);
        var silent = Worker(WorkerStates.Ready, _time.GetUtcNow() - TimeSpan.FromSeconds(7));

        (await LookAsync(silent)).ShouldBe(Liveness.Lost);
        (await LookAsync(silent with { LastSeenAt = _time.GetUtcNow() - TimeSpan.FromSeconds(5) })).ShouldBe(Liveness.Live);
    }

    [Fact]
    public async Task A_pause_of_the_library_or_its_database_begins_the_grace_anew()
    {
        var worker = Worker(WorkerStates.Ready, _time.GetUtcNow());
        await PassAsync(worker, seconds: 40);
        _time.Advance(TimeSpan.FromMinutes(2));

        (await LookAsync(worker)).ShouldBe(Liveness.Live);
    }

    [Fact]
    public async Task A_draining_worker_drains_and_is_lost_when_it_stops_speaking()
    {
        var worker = Worker(WorkerStates.Draining, _time.GetUtcNow());
        (await LookAsync(worker)).ShouldBe(Liveness.Draining);

        (await LookAsync(worker with { LastSeenAt = _time.GetUtcNow() - TimeSpan.FromSeconds(7) })).ShouldBe(Liveness.Lost);
    }

    private async Task PassAsync(WorkerRow worker, int seconds)
    {
        for (var second = 0; second < seconds; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await LookAsync(worker);
        }
    }

    private async Task<Liveness> LookAsync(WorkerRow worker) =>
        (await _watch.LookAsync([worker], TestContext.Current.CancellationToken)).ShouldHaveSingleItem().Liveness;

    private static WorkerRow Worker(string state, DateTimeOffset seen) => new()
    {
        BaseUrl = "http://localhost:1",
        InstanceId = "one",
        State = state,
        Hardware = "cpu",
        Threads = 1,
        MemoryBytes = 1,
        LastSeenAt = seen,
    };
}
