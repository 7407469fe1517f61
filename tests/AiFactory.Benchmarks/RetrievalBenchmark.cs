using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using AiFactory.Testing.Factory;
using AiFactory.Testing.Retrieval;

namespace AiFactory.Benchmarks;

/// <summary>Whether a search finds by meaning: the embeddings that the seeded <c>demo-embed</c> gives, beside words alone and beside both fused.</summary>
internal static class RetrievalBenchmark
{
    public static async Task<BenchmarkSection> RunAsync(CancellationToken cancellationToken)
    {
        await using var factory = await FactoryProcess.StartAsync(cancellationToken: cancellationToken);
        using var client = factory.CreateClient();
        var set = RetrievalSet.Load();
        var comparison = await RetrievalComparison.RunAsync(set, texts => EmbedAsync(client, texts, cancellationToken));
        return new BenchmarkSection(
            "retrieval",
            "Retrieval",
            $"{set.Passages.Count} passages, {set.Questions.Count} questions that paraphrase one of them, kept apart from all tuning (`tests/AiFactory.Testing/Retrieval/retrieval.json`). Plain BM25 (k1 1.2, b 0.75, lower-cased words), cosine of `demo-embed`'s embeddings, and both fused by reciprocal rank (k = 60). " +
            $"Among the first five, the fused search has {comparison.Gained} passages that BM25 lacks, and lacks {comparison.Lost} that BM25 has (sign test: p = {Number(SignTest(comparison.Gained, comparison.Lost), "G1")}).",
            [
                ["search", "hit@1", "hit@5", "MRR"],
                Row("BM25", comparison.Words),
                Row("embeddings", comparison.Embeddings),
                Row("fused", comparison.Fused),
            ]);
    }

    internal static async Task<IReadOnlyList<float[]>> EmbedAsync(HttpClient client, IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        using var response = await client.PostAsJsonAsync("v1/embeddings", new { model = "demo-embed", input = texts }, cancellationToken);
        response.EnsureSuccessStatusCode();
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
        return [.. answer.GetProperty("data").EnumerateArray()
            .Select(item => item.GetProperty("embedding").EnumerateArray().Select(number => number.GetSingle()).ToArray())];
    }

    /// <summary>How probable a split as uneven as this one, or more, is by chance: both tails of the binomial distribution.</summary>
    private static double SignTest(int gained, int lost)
    {
        var (count, least) = (gained + lost, Math.Min(gained, lost));
        double tail = 0, ways = 1;
        for (var i = 0; i <= least; i++)
        {
            tail += ways;
            ways *= (double)(count - i) / (i + 1);
        }

        return Math.Min(1, 2 * tail / Math.Pow(2, count));
    }

    private static string[] Row(string search, RetrievalScore score) =>
        [search, Number(score.HitAt1, "0.00"), Number(score.HitAt5, "0.00"), Number(score.MeanReciprocalRank, "0.000")];

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
