using System.Diagnostics;
using System.Globalization;
using AiFactory.Testing.Factory;

namespace AiFactory.Benchmarks;

/// <summary>How long the factory takes to all healthy and deployed, what it weighs when idle, and how long it takes to stop.</summary>
internal static class StartupBenchmark
{
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Bar = TimeSpan.FromSeconds(15);

    public static async Task<BenchmarkSection> RunAsync(CancellationToken cancellationToken)
    {
        await using var settings = FactorySettings.Fresh();
        var rows = new List<IReadOnlyList<string>> { new[] { "what", "measured", "bar" } };
        var missed = false;
        var (first, firstStop, _) = await StartOnceAsync(settings, weigh: false, cancellationToken);
        rows.Add(["first start, downloads done: command to printed curl line", Seconds(first), ""]);
        rows.Add(["stop by Ctrl+C", Seconds(firstStop), "10 s"]);

        var seconds = new List<TimeSpan>();
        for (var round = 0; round < 3; round++)
        {
            var (start, stop, memory) = await StartOnceAsync(settings, weigh: round == 2, cancellationToken);
            seconds.Add(start);
            if (memory.Count > 0)
            {
                missed = seconds.Order().ElementAt(1) > Bar;
                rows.Add(["second start: command to printed curl line (median of 3)", Seconds(seconds.Order().ElementAt(1)), Seconds(Bar)]);
                rows.Add(["stop by Ctrl+C", Seconds(stop), "10 s"]);
                rows.AddRange(memory.Select(process => (IReadOnlyList<string>)["idle memory (PSS): " + process.Name, Mebibytes(process.Bytes), ""]));
                rows.Add(["idle memory, all", Mebibytes(memory.Sum(process => process.Bytes)), ""]);
            }
        }

        return new BenchmarkSection(
            "startup",
            "Start, stop and idle memory",
            "The built AppHost (Release) in a data folder of its own; a start ends when every seeded deployment is ready and the curl line has been printed. Memory is each process's proportional share (PSS) 30 s after the start.",
            rows)
        {
            Missed = missed ? ["the second start takes longer than its bar"] : [],
        };
    }

    private static async Task<(TimeSpan Start, TimeSpan Stop, IReadOnlyList<(string Name, long Bytes)> Memory)> StartOnceAsync(FactorySettings settings, bool weigh, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        await using var factory = await FactoryProcess.StartAsync(settings, cancellationToken);
        var start = watch.Elapsed;
        IReadOnlyList<(string, long)> memory = [];
        if (weigh)
        {
            await Task.Delay(Settle, cancellationToken);
            memory = Weigh(factory);
        }

        return (start, await factory.StopAsync(cancellationToken), memory);
    }

    private static List<(string Name, long Bytes)> Weigh(FactoryProcess factory) =>
        [.. factory.Children()
            .Append(ChildProcess.Of(factory.ProcessId))
            .GroupBy(process => Name(process.CommandLine))
            .Select(group => (group.Key, group.Sum(process => process.ProportionalMemory())))
            .OrderByDescending(process => process.Item2)];

    private static string Name(string commandLine) => commandLine switch
    {
        _ when commandLine.Contains("AppHost", StringComparison.Ordinal) => "AppHost",
        _ when commandLine.Contains("AiFactory.Gateway", StringComparison.Ordinal) => "gateway",
        _ when commandLine.Contains("AiFactory.Builder", StringComparison.Ordinal) => "builder",
        _ when commandLine.Contains("AiFactory.ModelLibrary", StringComparison.Ordinal) => "library",
        _ when commandLine.Contains("AiFactory.Inference", StringComparison.Ordinal) && commandLine.EndsWith(" engine", StringComparison.Ordinal) => "both models' processes",
        _ when commandLine.Contains("AiFactory.Inference", StringComparison.Ordinal) => "worker",
        _ when commandLine.Contains("aspire-managed", StringComparison.Ordinal) => "Aspire dashboard",
        _ when commandLine.Contains("postgres", StringComparison.Ordinal) => "Postgres",
        _ when commandLine.Contains("vite", StringComparison.Ordinal) || commandLine.Contains("npm", StringComparison.Ordinal) || commandLine.Contains("esbuild", StringComparison.Ordinal) => "web (Vite)",
        _ => "others",
    };

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:F1} s");

    private static string Mebibytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:F0} MiB");
}
