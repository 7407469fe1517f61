using System.Diagnostics;
using System.Globalization;
using AiFactory.Benchmarks.GatewayLoad;
using AiFactory.Benchmarks.GatewayLoad.Doors;
using AiFactory.Testing.Edges;
using AiFactory.Testing.Postgres;

namespace AiFactory.Benchmarks.GatewaySoak;

/// <summary>The built gateway under a mix of all that clients and upstreams do, for as long as is wanted: what grows, what fails, and whether the ledger is right at the end.</summary>
internal static class GatewaySoakBenchmark
{
    /// <summary>Beside the load: to start, to let requests end, to compare the ledger.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan SnapshotEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ReplicaTurn = TimeSpan.FromSeconds(20);

    /// <summary>Per minute of load and request a second: as much as makes the last part of the run one of refusals.</summary>
    private const decimal BudgetOfLoad = 0.00125m;

    public static async Task<int> RunAsync(string[] arguments)
    {
        if (SoakOptions.Read(arguments, out var complaint) is not { } options)
        {
            Console.Error.WriteLine(complaint);
            return 2;
        }

        using var limit = new CancellationTokenSource(options.Time + Rest);
        var section = await MeasureAsync(options, limit.Token);
        Console.WriteLine(section.ToMarkdown());
        BenchmarkReport.Write(section);
        foreach (var bar in section.Missed)
        {
            Console.Error.WriteLine($"{section.Name}: {bar}");
        }

        return section.Missed.Count > 0 ? 1 : 0;
    }

    private static async Task<BenchmarkSection> MeasureAsync(SoakOptions options, CancellationToken stop)
    {
        var folder = Directory.CreateTempSubdirectory("aifactory-gateway-soak-").FullName;
        try
        {
            // 1. Everything that the gateway knows of, and the gateway.
            await using var replicas = await SoakReplicas.StartAsync();
            await using var library = new SoakLibrary();
            await library.StartAsync();
            var postgres = new PostgresFixture();
            var budget = BudgetOfLoad * options.Minutes * options.Rate;
            var plan = new SoakPlan(replicas, budget);
            library.Publish(plan.Snapshot(1));
            var database = await postgres.CreateDatabaseAsync(stop);
            var (port, objects) = (FreePort.Take(), Directory.CreateDirectory(Path.Combine(folder, "objects")).FullName);
            Task<DoorProcess> StartAsync() => GatewayDoor.StartProcessAsync(folder, port, replicas.First, database, Settings(library.Address, objects), stop);

            // 2. The load, and at its end a gateway that is killed over a stream.
            var tally = new SoakTally();
            using var client = new SoakClient(new Uri($"http://127.0.0.1:{port}"), tally);
            SoakWatch watch;
            (HttpResponseMessage Open, long Key) cut;
            await using (var gateway = await StartAsync())
            {
                watch = await LoadAsync(options, gateway, client, library, plan, replicas, stop);
                cut = await client.OpenAsync(stop);
            }

            cut.Open.Dispose();
            var errors = Errors(folder);

            // 3. The ledger, once another has delivered all that it left.
            await using var successor = await StartAsync();
            var ledger = await LedgerAsync(database, tally, replicas, cut.Key, stop);
            return SoakReport.Section(options, watch, tally, ledger, errors + Errors(folder), budget, Left(objects));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Once limits are known (until the database is there they refuse), with what changes under it.</summary>
    private static async Task<SoakWatch> LoadAsync(SoakOptions options, DoorProcess gateway, SoakClient client, SoakLibrary library, SoakPlan plan, SoakReplicas replicas, CancellationToken stop)
    {
        await BeginAsync(client, stop);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(stop);
        enough.CancelAfter(options.Time);
        var publishing = PublishAsync(library, plan, enough.Token);
        var changing = replicas.ComeAndGoAsync(ReplicaTurn, enough.Token);
        var driver = new SoakDriver(client, options.Rate);
        var load = driver.RunAsync(enough.Token, stop);
        var watch = new SoakWatch(options, gateway, client.Address, client.Tally, driver);
        await watch.RunAsync(enough.Token, stop);
        await load;
        foreach (var change in (Task[])[publishing, changing])
        {
            await change.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (change.Exception is { } failed)
            {
                throw new InvalidOperationException("What was to change under the load came to an end of its own.", failed);
            }
        }

        await watch.FinishAsync(stop);
        return watch;
    }

    private static int Errors(string folder) => SoakLog.Errors(Path.Combine(folder, GatewayDoor.Log));

    private static Dictionary<string, string> Settings(Uri library, string objects) => new()
    {
        ["services__library__http__0"] = library.ToString(),
        ["ConnectionStrings__objects"] = $"Directory={objects}",
        ["Forwarding__FirstTokenTimeout"] = "00:00:10",
        ["Forwarding__CompletionTimeout"] = "00:00:10",
        ["Pricing__Models__0__Model"] = "soak",
        ["Pricing__Models__0__Input"] = "100",
        ["Pricing__Models__0__Output"] = "100",
    };

    private static async Task BeginAsync(SoakClient client, CancellationToken stop)
    {
        foreach (var key in (string[])[SoakPlan.Alpha, SoakPlan.Beta, SoakPlan.Spending])
        {
            while (await client.AskAsync(client.Tally.Next(), "/v1/chat/completions", key, SoakKinds.Say("chat", 0), stop) is var outcome && outcome != SoakTally.Answered)
            {
                if (!outcome.StartsWith('5') && !outcome.StartsWith('4'))
                {
                    throw new InvalidOperationException($"The first request ended so: {outcome}");
                }

                await Task.Delay(100, stop);
            }
        }
    }

    private static async Task PublishAsync(SoakLibrary library, SoakPlan plan, CancellationToken enough)
    {
        for (var version = 2L; ; version++)
        {
            await Task.Delay(SnapshotEvery, enough);
            library.Publish(plan.Snapshot(version));
        }
    }

    /// <summary>Objects of the gateway's; the store itself has files of its own beside them.</summary>
    private static int Left(string folder)
    {
        var keys = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file)).Where(key => key.StartsWith("gateway/", StringComparison.Ordinal)).ToList();
        keys.ForEach(key => Console.WriteLine($"# left in storage: {key}"));
        return keys.Count;
    }

    /// <summary>Waits for what is on its way to the database; what is not there in a minute is not coming.</summary>
    private static async Task<SoakLedger> LedgerAsync(string database, SoakTally tally, SoakReplicas replicas, long cutKey, CancellationToken stop)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            var ledger = await SoakLedger.ReadAsync(database, tally, replicas.Asked, cutKey, stop);
            if ((ledger.Unseen == 0 && ledger.Unrecorded == 0 && ledger.Cut) || Stopwatch.GetElapsedTime(began) > TimeSpan.FromMinutes(1))
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ledger: {ledger}"));
                return ledger;
            }

            await Task.Delay(1000, stop);
        }
    }
}
