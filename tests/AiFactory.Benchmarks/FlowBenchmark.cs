using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using AiFactory.Contracts.Builder.Flows;
using AiFactory.Contracts.Builder.Runs;
using AiFactory.Testing.Factory;
using Npgsql;

namespace AiFactory.Benchmarks;

/// <summary>How many steps a second the flow engine writes down for good, beside what the database can write down at all.</summary>
internal static class FlowBenchmark
{
    private const string Builder = "api/builder/projects/default";
    private const string Flow = "benchmark-chain";
    private const int Transforms = 12;
    private const int Steps = Transforms + 2;
    private const int Together = 300;
    private const int Alone = 10;
    private const int Starters = 8;
    private const int Bar = 200;
    private static readonly TimeSpan CommitTime = TimeSpan.FromSeconds(5);

    public static async Task<BenchmarkSection> RunAsync(CancellationToken cancellationToken)
    {
        await using var factory = await FactoryProcess.StartAsync(cancellationToken: cancellationToken);
        using var client = factory.CreateClient();
        await MakeFlowAsync(client, cancellationToken);
        await RunManyAsync(client, Starters, Starters, cancellationToken);

        var alone = await RunManyAsync(client, Alone, 1, cancellationToken);
        var together = await RunManyAsync(client, Together, Starters, cancellationToken);
        var commits = await CommitsAsync(factory, cancellationToken);
        return new BenchmarkSection(
            "flows",
            "Durable steps of the flow engine",
            string.Create(
                CultureInfo.InvariantCulture,
                $"A flow of {Steps} steps in a row (input, {Transforms} transforms, output), run through the gateway by the built AppHost: each step is claimed, run and answered in transactions of its own, and leaves two events. A run counts from its POST to its end. The limit: rows that 16 connections insert and commit one by one into the same Postgres in {CommitTime.TotalSeconds:F0} s. Bar: {Bar} steps a second."),
            [
                ["what", "steps/s", "a step", "of the limit"],
                ["one run after the other", Rate(alone), Milliseconds(1000 / alone), Share(alone, commits)],
                [string.Create(CultureInfo.InvariantCulture, $"{Together} runs, {Starters} started at a time"), Rate(together), Milliseconds(1000 / together), Share(together, commits)],
                ["limit: committed inserts", Rate(commits), Milliseconds(1000 / commits), ""],
            ])
        {
            Missed = together < Bar ? [$"{Rate(together)} steps/s are below the bar of {Bar}"] : [],
        };
    }

    private static async Task MakeFlowAsync(HttpClient client, CancellationToken cancellationToken)
    {
        using var made = await client.PostAsJsonAsync($"{Builder}/flows", new FlowRequest(Flow, null, null, null, null), cancellationToken);
        made.EnsureSuccessStatusCode();
        var flow = await made.Content.ReadFromJsonAsync<FlowResponse>(cancellationToken) ?? throw new InvalidDataException("The answer is null.");
        var upper = new Dictionary<string, JsonElement>(StringComparer.Ordinal) { ["operation"] = JsonSerializer.SerializeToElement("upper") };
        List<FlowNode> nodes = [new("input", "input", null, 0, 0, null)];
        List<FlowEdge> edges = [];
        for (var i = 1; i <= Transforms; i++)
        {
            nodes.Add(new FlowNode($"step-{i}", "transform", null, 200 * i, 0, upper));
            edges.Add(new FlowEdge($"e{i}", nodes[^2].Id, "text", nodes[^1].Id, "in"));
        }

        nodes.Add(new FlowNode("output", "output", null, 200 * Steps, 0, null));
        edges.Add(new FlowEdge("last", nodes[^2].Id, "text", "output", "text"));
        using var saved = await client.PutAsJsonAsync($"{Builder}/flows/{Flow}/graph", new GraphRequest(flow.Revision, new FlowGraph(nodes, edges)), cancellationToken);
        if (!saved.IsSuccessStatusCode)
        {
            throw new InvalidOperationException(await saved.Content.ReadAsStringAsync(cancellationToken));
        }
    }

    /// <summary>Steps a second.</summary>
    private static async Task<double> RunManyAsync(HttpClient client, int count, int starters, CancellationToken cancellationToken)
    {
        var input = JsonSerializer.SerializeToElement(new { text = "what is written down stays written down" });
        var watch = Stopwatch.StartNew();
        var open = new List<Guid>();
        for (var started = 0; started < count; started += starters)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, starters).Select(_ => StartAsync(client, input, cancellationToken)));
            open.AddRange(answers);
            if (starters == 1)
            {
                await EndAsync(client, answers[0], cancellationToken);
            }
        }

        await Task.WhenAll(open.Select(run => EndAsync(client, run, cancellationToken)));
        return open.Count * Steps / watch.Elapsed.TotalSeconds;
    }

    private static async Task<Guid> StartAsync(HttpClient client, JsonElement input, CancellationToken cancellationToken)
    {
        using var started = await client.PostAsJsonAsync($"{Builder}/flows/{Flow}/runs", new RunRequest(input, null, null), cancellationToken);
        started.EnsureSuccessStatusCode();
        return (await started.Content.ReadFromJsonAsync<RunResponse>(cancellationToken) ?? throw new InvalidDataException("The answer is null.")).Id;
    }

    /// <summary>The events of a run end when it ends.</summary>
    private static async Task EndAsync(HttpClient client, Guid run, CancellationToken cancellationToken)
    {
        await client.GetByteArrayAsync($"{Builder}/runs/{run}/events", cancellationToken);
        var ended = await client.GetFromJsonAsync<RunResponse>($"{Builder}/runs/{run}", cancellationToken);
        if (ended?.State != RunStates.Succeeded)
        {
            throw new InvalidOperationException($"The run {run} is {ended?.State}: {ended?.Error}");
        }
    }

    private static async Task<double> CommitsAsync(FactoryProcess factory, CancellationToken cancellationToken)
    {
        var database = factory.Child("AiFactory.Builder").Environment("ConnectionStrings__builderdb") ?? throw new InvalidOperationException("the builder has no database");
        await using var source = NpgsqlDataSource.Create(database);
        await using (var make = source.CreateCommand("create table if not exists benchmark_commits (id bigint generated always as identity primary key, at timestamptz not null)"))
        {
            await make.ExecuteNonQueryAsync(cancellationToken);
        }

        using var stop = new CancellationTokenSource(CommitTime);
        var watch = Stopwatch.StartNew();
        var counts = await Task.WhenAll(Enumerable.Range(0, 16).Select(async _ =>
        {
            await using var connection = await source.OpenConnectionAsync(cancellationToken);
            await using var insert = new NpgsqlCommand("insert into benchmark_commits (at) values (now())", connection);
            var count = 0;
            for (; !stop.IsCancellationRequested; count++)
            {
                await insert.ExecuteNonQueryAsync(cancellationToken);
            }

            return count;
        }));
        return counts.Sum() / watch.Elapsed.TotalSeconds;
    }

    private static string Rate(double rate) => rate.ToString("F0", CultureInfo.InvariantCulture);

    private static string Milliseconds(double time) => string.Create(CultureInfo.InvariantCulture, $"{time:F1} ms");

    private static string Share(double rate, double limit) => string.Create(CultureInfo.InvariantCulture, $"{rate / limit:P0}");
}
