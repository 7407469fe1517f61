using AiFactory.Inference.Benchmarking;

namespace AiFactory.Benchmarks.LlamaServer;

/// <summary>The loads of one round. Each round has prompts of its own, the same on both sides.</summary>
internal static class SideLoad
{
    private const int Prompt = 128;
    private const int Clients = 16;

    /// <summary>A first token of some milliseconds is as late as whatever else the machine does meanwhile: the median of so many.</summary>
    private const int Pairs = 3;

    /// <param name="repeat">How many times more requests, for a model that answers in a moment.</param>
    public static async Task<SideFigures> RunAsync(BenchmarkSettings side, int round, int repeat, CancellationToken cancellationToken)
    {
        var alone = await LoadAsync(side with { Requests = 3 * repeat, Warmup = 1, PromptTokens = Prompt, OutputTokens = 128, Seed = (10 * round) + 1 }, cancellationToken);
        var together = await LoadAsync(Together(side, round, repeat), cancellationToken);
        var cold = await LoadAsync(
            side with { Requests = Clients, Concurrency = Clients, PromptTokens = 1000, OutputTokens = 16, SharedPrefix = 0.9, Seed = (10 * round) + 3 }, cancellationToken);
        var (first, seen) = (new List<double>(), new List<double>());
        for (var pair = 0; pair < Pairs; pair++)
        {
            // One after the other: the second finds what the first has left.
            var both = await LoadAsync(side with { Requests = 2, Concurrency = 1, PromptTokens = 1500, OutputTokens = 8, SharedPrefix = 0.98, Seed = (10 * round) + 4 + pair }, cancellationToken);
            first.Add(both.Samples[0].FirstToken);
            seen.Add(both.Samples[1].FirstToken);
        }

        return new SideFigures
        {
            Alone = alone.Report().RequestTokensPerSecond?.P50 ?? 0,
            Together = together.Report().OutputTokensPerSecond,
            InterToken = together.Report().InterTokenLatency?.P99 ?? 0,
            Cold = cold.Report().DurationSeconds * 1000,
            FirstTokenCold = Percentiles.Of(first)?.P50 ?? 0,
            FirstTokenSeen = Percentiles.Of(seen)?.P50 ?? 0,
        };
    }

    /// <returns>Tokens a second of 16 clients alone: the median of the rounds.</returns>
    public static async Task<double> TogetherAsync(BenchmarkSettings side, int rounds, int repeat, CancellationToken cancellationToken)
    {
        var speeds = new List<double>();
        for (var round = 0; round < rounds; round++)
        {
            speeds.Add((await LoadAsync(Together(side, round, repeat), cancellationToken)).Report().OutputTokensPerSecond);
        }

        return Percentiles.Of(speeds)?.P50 ?? 0;
    }

    private static BenchmarkSettings Together(BenchmarkSettings side, int round, int repeat) =>
        side with { Requests = 3 * repeat * Clients, Concurrency = Clients, Warmup = 1, PromptTokens = Prompt, OutputTokens = 64, Seed = (10 * round) + 2 };

    private static async Task<BenchmarkRunner> LoadAsync(BenchmarkSettings settings, CancellationToken cancellationToken)
    {
        var runner = new BenchmarkRunner(settings, TimeProvider.System);
        using (runner)
        {
            await runner.RunAsync(cancellationToken);
        }

        var report = runner.Report();
        return report.Failed == 0 ? runner : throw new InvalidOperationException($"{settings.Server}: {string.Join("; ", report.Failures.Keys)}");
    }
}
