using System.Globalization;
using AiFactory.Testing.Factory;
using AiFactory.Testing.Retrieval;

namespace AiFactory.Benchmarks;

/// <summary>How much sooner a long prompt is answered when its beginning was asked before.</summary>
internal static class PrefixBenchmark
{
    // The factory still takes its documents in when it has just started.
    private const int Warmup = 30;
    private const int Rounds = 15;
    private const int Paragraphs = 6;
    private const double Bar = 10;

    public static async Task<BenchmarkSection> RunAsync(CancellationToken cancellationToken)
    {
        await using var factory = await FactoryProcess.StartAsync(cancellationToken: cancellationToken);
        using var client = factory.CreateClient();
        var texts = new SearchTexts(RetrievalSet.Load());
        var (cold, seen) = (new List<ChatStream>(), new List<ChatStream>());
        for (var round = -Warmup; round < Rounds; round++)
        {
            var passages = string.Join('\n', Enumerable.Range(1, Paragraphs).Select(number => $"[{number}] {texts.Paragraph()}"));
            var first = await AskAsync(client, passages, texts.Query(2 * (round + Warmup)), cancellationToken);
            var second = await AskAsync(client, passages, texts.Query((2 * (round + Warmup)) + 1), cancellationToken);
            if (round >= 0)
            {
                cold.Add(first);
                seen.Add(second);
            }
        }

        var ratio = Median(cold.Select(answer => answer.First)) / Median(seen.Select(answer => answer.First));
        return new BenchmarkSection(
            "prefix",
            "First token of a long prompt",
            string.Create(
                CultureInfo.InvariantCulture,
                $"demo-chat, through the AppHost's port, gateway and worker: six passages and a question (median: {Median(cold.Select(answer => (double)answer.PromptTokens)):F0} tokens), then another question to the same passages ({Median(seen.Select(answer => (double)answer.CachedTokens)):F0} tokens of the prompt were in the cache), {Rounds} times with other passages. Time to the first piece of text. Bar: {Bar:F0} times sooner."),
            [
                ["prompt", "p50", "worst"],
                ["cold", Milliseconds(Median(cold.Select(answer => answer.First))), Milliseconds(cold.Max(answer => answer.First))],
                ["its beginning seen", Milliseconds(Median(seen.Select(answer => answer.First))), Milliseconds(seen.Max(answer => answer.First))],
                ["times sooner", ratio.ToString("F1", CultureInfo.InvariantCulture), ""],
            ])
        {
            Missed = ratio < Bar ? [string.Create(CultureInfo.InvariantCulture, $"{ratio:F1} times sooner (bar {Bar:F0})")] : [],
        };
    }

    private static Task<ChatStream> AskAsync(HttpClient client, string passages, string question, CancellationToken cancellationToken) => ChatStream.ReadAsync(
        client, [("system", $"Answer only from the passages below and cite them as [n].\n\n{passages}"), ("user", question)], 24, cancellationToken);

    private static double Median(IEnumerable<double> values) => values.Order().ToList() is var sorted ? sorted[sorted.Count / 2] : 0;

    private static string Milliseconds(double value) => string.Create(CultureInfo.InvariantCulture, $"{value:F0} ms");
}
