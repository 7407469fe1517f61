using AiFactory.Inference.Benchmarking;

namespace AiFactory.Benchmarks.LlamaServer;

/// <summary>The same fifty questions, greedily, one after the other.</summary>
/// <param name="Answers">With the tokens that they and their prompts had.</param>
internal sealed record GreedyAnswers(IReadOnlyList<(string Text, int PromptTokens, int Tokens)> Answers)
{
    private const int Prompts = 50;
    private const int Tokens = 32;

    /// <param name="readsCache">Whether prompts start behind what was computed for others. Fewer tokens are then computed at once, and rounded otherwise: llama-server is not even equal to itself.</param>
    public static async Task<GreedyAnswers> AskAsync(BenchmarkSettings side, bool readsCache, CancellationToken cancellationToken)
    {
        // Concurrency 1: in the order of the prompts.
        using var runner = new BenchmarkRunner(side with { Requests = Prompts, Concurrency = 1, OutputTokens = Tokens, ReadsCache = readsCache }, TimeProvider.System) { KeepText = true };
        await runner.RunAsync(GreedyPrompts.Make, cancellationToken);
        var report = runner.Report();
        return report.Failed == 0
            ? new GreedyAnswers([.. runner.Samples.Select(sample => (sample.Text ?? "", sample.PromptTokens, sample.CompletionTokens))])
            : throw new InvalidOperationException($"{side.Server}: {string.Join("; ", report.Failures.Keys)}");
    }

    /// <returns>One sentence for each question that was answered otherwise.</returns>
    public IReadOnlyList<string> DifferencesFrom(GreedyAnswers other) =>
    [
        .. Answers.Zip(other.Answers).Select((pair, index) => pair.First == pair.Second ? null
            : $"greedy answer {index}: '{pair.First.Text}' ({pair.First.Tokens} tokens) beside '{pair.Second.Text}' ({pair.Second.Tokens})").OfType<string>(),
    ];

    public string AlikeWith(GreedyAnswers other) => $"{Answers.Count - DifferencesFrom(other).Count} of {Answers.Count}";
}
