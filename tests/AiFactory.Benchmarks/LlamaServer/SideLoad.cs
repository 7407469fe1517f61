using AiFactory.Inference.Benchmarking;

namespace AiFactory.Benchmarks.LlamaServer;

/// <summary>The loads of one round. Each round has prompts of its own, the same on both sides.</summary>
internal static class SideLoad
{
    private const int Prompt = 128;
    private const int Clients = 16;

    /// <param name="repeat">How many times more requests, for a model that answers in a moment.</param>
    public static async Task<SideFigures> RunAsync(BenchmarkSettings side, int round, int repeat, CancellationToken cancellationToken)
    {
        var alone = await LoadAsync(side with { Requests = 3 * repeat, Warmup = 1, PromptTokens = Prompt, OutputTokens = 128, Seed = (10 * round) + 1 }, cancellationToken);
        var together = await LoadAsync(
            side with { Requests = 3 * repeat * Clients, Concurrency = Clients, Warmup = 1, PromptTokens = Prompt, OutputTokens = 64, Seed = (10 * round) + 2 }, cancellationToken);
        var cold = await LoadAsync(
            side with { Requests = Clients, Concurrency = Clients, PromptTokens = 1000, OutputTokens = 16, SharedPrefix = 0.9, Seed = (10 * round) + 3 }, cancellationToken);
        var seen = await SeenAsync(side with { Requests = 2, PromptTokens = 1500, OutputTokens = 8, SharedPrefix = 0.98, Seed = (10 * round) + 4 }, cancellationToken);
        return new SideFigures
        {
            Alone = alone.Report().RequestTokensPerSecond?.P50 ?? 0,
            Together = together.Report().OutputTokensPerSecond,
            InterToken = together.Report().InterTokenLatency?.P99 ?? 0,
            Cold = cold.Report().DurationSeconds * 1000,
            FirstTokenCold = seen.Samples[0].FirstToken,
            FirstTokenSeen = seen.Samples[1].FirstToken,
        };
    }

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

    /// <summary>One after the other: the second finds what the first has left.</summary>
    private static Task<BenchmarkRunner> SeenAsync(BenchmarkSettings settings, CancellationToken cancellationToken) => LoadAsync(settings with { Concurrency = 1 }, cancellationToken);
}
