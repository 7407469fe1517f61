using AiFactory.Inference.Benchmarking;

namespace AiFactory.Benchmarks.LlamaServer;

/// <summary>The same fifty questions, greedily, one after the other on each side: all tokens must be the same.</summary>
/// <param name="Differences">The first few, in a sentence each.</param>
internal sealed record GreedyComparison(int Count, int Equal, IReadOnlyList<string> Differences)
{
    private const int Prompts = 50;
    private const int Tokens = 32;

    public static async Task<GreedyComparison> RunAsync(BenchmarkSettings ours, BenchmarkSettings theirs, CancellationToken cancellationToken)
    {
        var (own, other) = (await AskAsync(ours, cancellationToken), await AskAsync(theirs, cancellationToken));
        var differences = own.Zip(other)
            .Select((pair, index) => pair.First == pair.Second ? null : $"greedy answer {index}: '{pair.First.Text}' ({pair.First.Tokens} tokens) beside '{pair.Second.Text}' ({pair.Second.Tokens})")
            .OfType<string>()
            .ToList();
        return new GreedyComparison(Prompts, Prompts - differences.Count, [.. differences.Take(3)]);
    }

    private static async Task<IReadOnlyList<(string Text, int PromptTokens, int Tokens)>> AskAsync(BenchmarkSettings side, CancellationToken cancellationToken)
    {
        // Concurrency 1: in the order of the prompts.
        using var runner = new BenchmarkRunner(side with { Requests = Prompts, Concurrency = 1, OutputTokens = Tokens }, TimeProvider.System) { KeepText = true };
        await runner.RunAsync(GreedyPrompts.Make, cancellationToken);
        var report = runner.Report();
        return report.Failed == 0
            ? [.. runner.Samples.Select(sample => (sample.Text ?? "", sample.PromptTokens, sample.CompletionTokens))]
            : throw new InvalidOperationException($"{side.Server}: {string.Join("; ", report.Failures.Keys)}");
    }
}
