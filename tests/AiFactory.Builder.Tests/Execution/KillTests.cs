using System.Text.Json;
using AiFactory.Builder.Tests.Edges;
using AiFactory.Contracts.Builder.Flows;
using AiFactory.Contracts.Builder.Runs;
using AiFactory.Testing.Postgres;
using Dapper;
using Npgsql;
using static AiFactory.Builder.Tests.Edges.Graphs;
using Base = AiFactory.Builder.Tests.Edges.Runs;

namespace AiFactory.Builder.Tests.Execution;

/// <summary>Two orchestrators and two executors as processes on one database, killed at random while runs go through them.</summary>
public sealed class KillTests(PostgresFixture postgres, ITestOutputHelper output)
{
    private const int Kills = 20;
    private const int Runs = 50;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task Twenty_kills_under_fifty_runs_lose_none_and_do_nothing_twice()
    {
        var objects = Directory.CreateTempSubdirectory("aifactory-kill-");
        var connectionString = await postgres.CreateDatabaseAsync(Token);
        await using var database = NpgsqlDataSource.Create(connectionString);
        await using var tool = await ToolServer.StartedAsync();
        var random = new Random(4);
        tool.Script = async context =>
        {
            await Task.Delay(20 + (context.Request.Path.Value?.Length * 30 ?? 0), context.RequestAborted);
            await tool.EffectAsync(context);
        };
        var settings = Settings(connectionString, objects.FullName, tool.Host);
        await using var first = new BuilderProcess("orchestrator", settings);
        await using var second = new BuilderProcess("orchestrator", settings);
        await using var third = new BuilderProcess("executor", settings);
        await using var fourth = new BuilderProcess("executor", settings);
        BuilderProcess[] all = [first, second, third, fourth];
        foreach (var process in all)
        {
            process.Start();
        }

        await Task.WhenAll(all.Select(process => process.ReadyAsync()));
        await first.Client.MakeFlowAsync("work", Work(tool.Address));

        // Runs begin all the while; a kill comes as soon as each role has one that is up.
        var begun = 0;
        for (var kill = 0; kill < Kills; kill++)
        {
            for (; begun < Runs * (kill + 1) / Kills; begun++)
            {
                await BeginAsync([first, second]);
            }

            await UpAsync(all);
            await Task.Delay(random.Next(0, 250), Token);
            var victim = all[random.Next(all.Length)];
            victim.Kill();
            victim.Start();
        }

        var ended = await EndedAsync(database);

        ended.Values.ShouldAllBe(state => state == RunStates.Succeeded);
        ended.Count.ShouldBeGreaterThanOrEqualTo(Runs);
        await AssertOnceAsync(database, tool, ended.Count);
        output.WriteLine($"{ended.Count} runs, {tool.Effects} effects, {tool.Requests.Values.Sum()} requests");
        objects.Delete(recursive: true);
    }

    /// <summary>in, then two calls beside each other, then one behind both.</summary>
    private static FlowGraph Work(Uri tool) => Of(
        [
            Node("in", "input"), Node("a", "http", ("url", $"{tool}a")), Node("b", "http", ("url", $"{tool}bbb")), Node("join", "transform", ("operation", "join")),
            Node("c", "http", ("url", $"{tool}cc?after={{{{text}}}}")), Node("out", "output"),
        ],
        "in.text > a.in", "in.text > b.in", "a.text > join.in", "b.text > join.in", "join.text > c.in", "c.text > out.text");

    private static Dictionary<string, string> Settings(string database, string objects, string tool) => new()
    {
        ["ConnectionStrings:builderdb"] = database,
        ["ConnectionStrings:objects"] = $"Directory={objects}",
        ["services:gateway:http:0"] = "http://127.0.0.1:1",
        ["Tools:AllowedHosts:0"] = tool,
        ["Execution:Lease"] = "00:00:02",
        ["Execution:Poll"] = "00:00:00.250",
        ["Orchestration:Lease"] = "00:00:02",
        ["Orchestration:Poll"] = "00:00:00.250",
    };

    /// <summary>Asks one orchestrator after the other until one takes the run. A run that was taken by one that died before it said so is one more.</summary>
    private static async Task BeginAsync(BuilderProcess[] orchestrators)
    {
        var began = TimeProvider.System.GetTimestamp();
        var request = new RunRequest(JsonSerializer.SerializeToElement(new { text = "go" }), null, null);
        for (var turn = 0; TimeProvider.System.GetElapsedTime(began) < Patience; turn++)
        {
            try
            {
                using var answer = await orchestrators[turn % 2].Client.PostAsync($"{Base.Base}/flows/work/runs", request);
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
            {
                await Task.Delay(50, Token);
            }
        }

        throw new ShouldAssertException("No orchestrator took the run.");
    }

    private static async Task UpAsync(BuilderProcess[] all)
    {
        var began = TimeProvider.System.GetTimestamp();
        foreach (var role in all.GroupBy(process => process.Role))
        {
            while (!(await Task.WhenAll(role.Select(process => process.IsReadyAsync()))).Any(isReady => isReady))
            {
                TimeProvider.System.GetElapsedTime(began).ShouldBeLessThan(Patience, $"an {role.Key} should have come up");
                await Task.Delay(50, Token);
            }
        }
    }

    private static async Task<Dictionary<Guid, string>> EndedAsync(NpgsqlDataSource database)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            await using var connection = await database.OpenConnectionAsync(Token);
            var states = (await connection.QueryAsync<(Guid, string)>("select id, state from runs")).ToDictionary(run => run.Item1, run => run.Item2);
            if (!states.Values.Any(state => state is RunStates.Queued or RunStates.Running))
            {
                return states;
            }

            TimeProvider.System.GetElapsedTime(began).ShouldBeLessThan(Patience, $"all runs should have ended: {string.Join(", ", states.Values.CountBy(state => state))}");
            await Task.Delay(100, Token);
        }
    }

    private static async Task AssertOnceAsync(NpgsqlDataSource database, ToolServer tool, int runs)
    {
        await using var connection = await database.OpenConnectionAsync(Token);

        // 1. Every step finished once, its call had one effect, and no call was made but by an attempt that was written down.
        var finished = (await connection.QueryAsync<string>("select run_id || '/' || node from run_events where type = 'step.finished' and node in ('a', 'b', 'c')")).ToList();
        finished.Count.ShouldBe(3 * runs);
        finished.ShouldBeUnique();
        tool.Effects.ShouldBe(3 * runs);
        tool.Requests.Keys.ShouldBe(finished, ignoreOrder: true);
        var begun = (await connection.QueryAsync<(string Key, int Count)>(
            "select run_id || '/' || node, count(*)::int from run_events where type = 'step.started' group by run_id, node")).ToDictionary(step => step.Key, step => step.Count);
        tool.Requests.ShouldAllBe(asked => asked.Value <= begun[asked.Key], "an attempt calls once");

        // 2. A step that was finished was never begun again. By the order of the events: the call of a process that was killed may reach a busy tool after its successor's.
        var again = await connection.ExecuteScalarAsync<long>(
            """
            select count(*) from run_events as finished join run_events as started using (run_id, node)
            where finished.type = 'step.finished' and started.type = 'step.started' and started.sequence > finished.sequence
            """);
        again.ShouldBe(0, "steps begun after they were finished");

        // 3. No event is missing or doubled, and each run ended once.
        var gaps = await connection.ExecuteScalarAsync<long>(
            "select count(*) from (select run_id from run_events group by run_id having max(sequence) <> count(*) or count(*) filter (where type like 'run.s%d') <> 2) as wrong");
        gaps.ShouldBe(0, "sequences count without a gap, from one run.started to one run.succeeded");
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
