using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using AiFactory.Benchmarks.LlamaServer;
using AiFactory.Inference.Benchmarking;
using AiFactory.Testing;
using AiFactory.Testing.Retrieval;

namespace AiFactory.Benchmarks;

/// <summary>Sixty-four texts, each a request of its own: one after the other, and all at once, which the engine computes together.</summary>
internal static class EmbeddingBenchmark
{
    private const int Texts = 64;
    private const int Rounds = 9;
    private const double Bar = 2;

    /// <summary>Texts computed together are rounded otherwise.</summary>
    private const double LeastCosine = 0.9999;

    public static async Task<BenchmarkSection> RunAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("aifactory-embeddings-").FullName;
        try
        {
            await using var worker = await WorkerStart.RunAsync(folder, new Dictionary<string, string>
            {
                ["Serve__Uri"] = Path.Combine(RepositoryFolder.Root, "models", "demo-embed.gguf"),
                ["Serve__Deployment"] = "demo-embed",
            }, cancellationToken);
            using var client = new HttpClient { BaseAddress = worker.Address };
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", worker.Key);
            return await MeasureAsync(client, cancellationToken);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<BenchmarkSection> MeasureAsync(HttpClient client, CancellationToken cancellationToken)
    {
        var texts = RetrievalSet.Load().Passages.Take(Texts).ToList();
        var (apart, together, whole) = (new List<double>(), new List<double>(), new List<double>());
        var least = 1.0;
        for (var round = -3; round < Rounds; round++)
        {
            var began = Stopwatch.GetTimestamp();
            var first = new List<float[]>();
            foreach (var text in texts)
            {
                first.Add((await RetrievalBenchmark.EmbedAsync(client, [text], cancellationToken))[0]);
            }

            var middle = Stopwatch.GetTimestamp();
            var second = await Task.WhenAll(texts.Select(text => RetrievalBenchmark.EmbedAsync(client, [text], cancellationToken)));
            var last = Stopwatch.GetTimestamp();
            var third = await RetrievalBenchmark.EmbedAsync(client, texts, cancellationToken);
            var end = Stopwatch.GetTimestamp();
            least = Math.Min(least, first.Zip(second, third).Min(row => Math.Min(Cosine(row.First, row.Second[0]), Cosine(row.First, row.Third))));
            if (round >= 0)
            {
                apart.Add(Stopwatch.GetElapsedTime(began, middle).TotalMilliseconds);
                together.Add(Stopwatch.GetElapsedTime(middle, last).TotalMilliseconds);
                whole.Add(Stopwatch.GetElapsedTime(last, end).TotalMilliseconds);
            }
        }

        var (one, all, list) = (Median(apart), Median(together), Median(whole));
        var ratio = one / all;
        return new BenchmarkSection(
            "embeddings",
            "Embeddings of many texts",
            $"{Texts} passages of the retrieval set, embedded by `demo-embed` of the worker over HTTP on the loopback: a request for each, one after the other; the same requests at once; and one request with all of them. Medians of {Rounds} rounds after three to warm up. " +
            $"All three give the same embeddings: the least cosine between two of one text is {Number(least, "0.000000")} (bar: {Number(LeastCosine, "0.0000")}).",
            [
                ["requests", "time", "texts/s", "times the first", "bar", ""],
                ["one after the other", $"{Number(one, "0.0")} ms", Number(Texts / one * 1000, "0"), "1", "", ""],
                ["64 at once", $"{Number(all, "0.0")} ms", Number(Texts / all * 1000, "0"), Number(ratio, "0.0"), ">= 2", ratio >= Bar ? "met" : "missed"],
                ["one with all 64", $"{Number(list, "0.0")} ms", Number(Texts / list * 1000, "0"), Number(one / list, "0.0"), "", ""],
            ])
        {
            Missed =
            [
                .. ratio < Bar ? [$"64 texts at once are {Number(ratio, "0.0")} times as fast as one after the other, the bar is 2"] : Array.Empty<string>(),
                .. least < LeastCosine ? [$"two embeddings of one text have a cosine of {least}"] : Array.Empty<string>(),
            ],
        };
    }

    private static double Cosine(float[] left, float[] right) => System.Numerics.Tensors.TensorPrimitives.CosineSimilarity(left, right);

    private static double Median(List<double> values) => Percentiles.Of(values)?.P50 ?? 0;

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
