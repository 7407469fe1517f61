using System.Diagnostics;
using System.Globalization;
using AiFactory.Benchmarks.GatewayLoad;
using AiFactory.Benchmarks.GatewayLoad.Doors;
using AiFactory.Testing.Postgres;

namespace AiFactory.Benchmarks.GatewaySoak;

/// <summary>The built gateway under a mix of all that clients and upstreams do, for as long as is wanted: what grows, what fails, and whether the ledger is right at the end.</summary>
internal static class GatewaySoakBenchmark
{
    /// <summary>Beside the load: to start, to let requests end, to compare the ledger.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan SnapshotEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ReplicaTurn = TimeSpan.FromSeconds(20);

    /// <summary>Per minute of load: as much as makes the last part of the run one of refusals.</summary>
    private const decimal BudgetOfMinute = 0.25m;

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
            await using var postgres = new PostgresFixture();
            var budget = BudgetOfMinute * options.Minutes;
            var plan = new SoakPlan(replicas, budget);
            library.Publish(plan.Snapshot(1));
            var database = await postgres.CreateDatabaseAsync(stop);
            var (port, objects) = (DoorProcess.FreePort(), Directory.CreateDirectory(Path.Combine(folder, "objects")).FullName);
            await using var gateway = await GatewayDoor.StartProcessAsync(folder, port, replicas.First, database, Settings(library.Address, objects), stop);

            // 2. The load, once limits are known (until the database is there they refuse), and what changes under it.
            var tally = new SoakTally();
            using var client = new SoakClient(new Uri($"http://127.0.0.1:{port}"), tally);
            await BeginAsync(client, stop);
            using var enough = CancellationTokenSource.CreateLinkedTokenSource(stop);
            enough.CancelAfter(options.Time);
            var publishing = PublishAsync(library, plan, enough.Token);
            var changing = replicas.ComeAndGoAsync(ReplicaTurn, enough.Token);
            var load = new SoakDriver(client, options.Rate).RunAsync(enough.Token, stop);
            var watch = new SoakWatch(options, gateway, client.Address, tally);
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

            // 3. The ledger, once the gateway has delivered all of it.
            var ledger = await LedgerAsync(database, tally, replicas, stop);
            var errors = SoakLog.Errors(Path.Combine(folder, GatewayDoor.Log));
            return SoakReport.Section(options, watch, tally, ledger, errors, budget, Left(objects));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

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
            while (await client.AskAsync(client.Tally.Next(), "/v1/chat/completions", key, SoakKinds.Say("chat", 0), stop) != SoakTally.Answered)
            {
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
    private static async Task<SoakLedger> LedgerAsync(string database, SoakTally tally, SoakReplicas replicas, CancellationToken stop)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            var ledger = await SoakLedger.ReadAsync(database, tally, replicas.Asked, stop);
            if ((ledger.Unseen == 0 && ledger.Unrecorded == 0 && ledger.Interrupted == 0) || Stopwatch.GetElapsedTime(began) > TimeSpan.FromMinutes(1))
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ledger: {ledger}"));
                return ledger;
            }

            await Task.Delay(1000, stop);
        }
    }
}
