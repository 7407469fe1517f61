using System.Text.Json;
using AiFactory.Builder.Tests.Edges;
using AiFactory.Contracts.Builder.Flows;
using AiFactory.Contracts.Builder.Runs;
using AiFactory.Testing.Postgres;
using Dapper;
using Microsoft.AspNetCore.Http;
using Npgsql;
using static AiFactory.Builder.Tests.Edges.Graphs;
using Base = AiFactory.Builder.Tests.Edges.Runs;

namespace AiFactory.Builder.Tests.Children;

/// <summary>An orchestrator and two executors as processes, killed in turn while a map of loops goes through them.</summary>
public sealed class ChildKillTests(PostgresFixture postgres)
{
    private const int Items = 24;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Kills_under_a_map_of_loops_lose_no_run_and_repeat_none_that_had_ended()
    {
        var objects = Directory.CreateTempSubdirectory("aifactory-kill-");
        var connectionString = await postgres.CreateDatabaseAsync(Token);
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var tool = await ToolServer.StartedAsync();
        tool.Script = async context =>
        {
            await Task.Delay(40, context.RequestAborted);
            await tool.EffectAsync(context);
        };
        var settings = Settings(connectionString, objects.FullName, tool.Host);
        await using var leader = new BuilderProcess("orchestrator", settings);
        await using var first = new BuilderProcess("executor", settings);
        await using var second = new BuilderProcess("executor", settings);
        BuilderProcess[] all = [leader, first, second];
        foreach (var process in all)
        {
            process.Start();
        }

        await Task.WhenAll(all.Select(process => process.ReadyAsync()));
        await leader.Client.MakeFlowAsync("call", Around(Node("call", "http", ("url", $"{tool.Address}")), "in"));
        await leader.Client.MakeFlowAsync("twice", Around(Node("again", "loop", ("flow", "call"), ("value", "never"), ("maxIterations", 2), ("onLimit", "end")), "in"));
        await leader.Client.MakeFlowAsync("all", Of(
            [Node("in", "input"), Node("list", "transform", ("operation", "pick"), ("path", "items")), Node("each", "map", ("flow", "twice"), ("concurrency", 6)), Node("out", "output")],
            "in.json > list.in", "list.json > each.items", "each.items > out.json"));
        var run = await leader.Client.StartRunAsync("all", new { items = Enumerable.Range(0, Items) });

        // A kill amid each quarter of the work.
        foreach (var (victim, part) in ((BuilderProcess[])[first, leader, second, leader]).Select((victim, index) => (victim, index)))
        {
            await UntilAsync(source, $"select count(*) >= {((2 * part) + 1) * Items / 4} from run_events where type = 'step.finished' and node = 'call'");
            victim.Kill();
            victim.Start();
        }

        await leader.ReadyAsync();
        await UntilAsync(source, $"select state in ('succeeded', 'failed') from runs where id = '{run.Id}'");
        var ended = await leader.Client.GetAsync<RunResponse>($"{Base.Base}/runs/{run.Id}");

        ended.State.ShouldBe(RunStates.Succeeded, ended.Error);
        ended.Output.ShouldNotBeNull().GetProperty("json").GetArrayLength().ShouldBe(Items);
        await using var connection = await source.OpenConnectionAsync(Token);
        (await connection.QueryAsync<(string Flow, long Runs)>("select flow, count(*) from runs where state = 'succeeded' group by flow order by flow"))
            .ShouldBe([("all", 1), ("call", 2 * Items), ("twice", Items)]);
        (await connection.ExecuteScalarAsync<long>("select count(*) from run_events where type = 'step.finished' and node = 'call'")).ShouldBe(2 * Items);
        tool.Effects.ShouldBe(2 * Items, "a call that is made again has the key that it had");
        (await connection.ExecuteScalarAsync<long>("select count(*) from (select run_id from run_events group by run_id having max(sequence) <> count(*)) as wrong")).ShouldBe(0);
        (await connection.ExecuteScalarAsync<long>("select count(*) from step_claims where children <> children_ended or children <> (select count(*) from runs as r where r.parent_run_id = step_claims.run_id and r.parent_node = step_claims.node)"))
            .ShouldBe(0, "each is counted once");
        objects.Delete(recursive: true);
    }

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

    private static async Task UntilAsync(NpgsqlDataSource source, string sql)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            await using (var command = source.CreateCommand(sql))
            {
                if (await command.ExecuteScalarAsync(Token) is true)
                {
                    return;
                }
            }

            TimeProvider.System.GetElapsedTime(began).ShouldBeLessThan(Patience, sql);
            await Task.Delay(50, Token);
        }
    }
}
