using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using AiFactory.Contracts.Builder.Knowledge;
using AiFactory.Contracts.Library;
using AiFactory.Testing.Factory;
using AiFactory.Testing.Retrieval;
using Npgsql;

namespace AiFactory.Benchmarks;

/// <summary>How long a search takes in a knowledge base of 10,000 passages, and how many of the true nearest it finds.</summary>
internal static class SearchBenchmark
{
    private const string Base = "api/builder/projects/default/knowledge-bases/benchmark";
    private const int Documents = 20;
    private const int Paragraphs = 500;
    private const int Queries = 300;
    private const int Warmup = 30;
    private const int Nearest = 10;

    /// <summary>Milliseconds.</summary>
    private const int Bar = 50;

    public static async Task<BenchmarkSection> RunAsync(CancellationToken cancellationToken)
    {
        await using var factory = await FactoryProcess.StartAsync(cancellationToken: cancellationToken);
        using var client = factory.CreateClient();
        var texts = new SearchTexts(RetrievalSet.Load());
        var (chunks, seconds) = await FillAsync(client, texts, cancellationToken);
        var rows = new List<IReadOnlyList<string>> { new[] { "search", "p50", "p95", "p99", $"recall@{Nearest}" } };
        var index = "";
        var missed = new List<string>();
        foreach (var mode in (string[])[SearchModes.Hybrid, SearchModes.Vector, SearchModes.Text])
        {
            var samples = new List<double>();
            for (var i = -Warmup; i < Queries; i++)
            {
                var (response, time) = await SearchAsync(client, texts.Query(i + Warmup), mode, cancellationToken);
                index = response.Index;
                if (i >= 0)
                {
                    samples.Add(time);
                }
            }

            double? recall = mode == SearchModes.Vector ? await RecallAsync(factory, client, texts, cancellationToken) : null;
            rows.Add([mode, Milliseconds(samples, 0.5), Milliseconds(samples, 0.95), Milliseconds(samples, 0.99), recall?.ToString("0.000", CultureInfo.InvariantCulture) ?? ""]);
            if (At(samples, 0.95) > Bar || recall < 1)
            {
                missed.Add($"{mode}: p95 {Milliseconds(samples, 0.95)} (bar {Bar} ms), recall {recall?.ToString("0.000", CultureInfo.InvariantCulture) ?? "not asked"} (bar 1)");
            }
        }

        return new BenchmarkSection(
            "search",
            "Search in a knowledge base",
            string.Create(
                CultureInfo.InvariantCulture,
                $"{chunks} passages of about 500 characters in {Documents} documents, taken in (parsed, embedded by `demo-embed`, indexed by words) in {seconds:F0} s. {Queries} questions each, one after the other, through the gateway: the time holds the embedding of the question by the model. Vectors: {index} search. Recall is over the same questions, against cosines of all vectors in double precision. Bar: p95 of {Bar} ms, recall 1."),
            rows)
        {
            Missed = missed,
        };
    }

    private static async Task<(long Chunks, double Seconds)> FillAsync(HttpClient client, SearchTexts texts, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        using var made = await client.PostAsJsonAsync("api/builder/projects/default/knowledge-bases", new KnowledgeBaseRequest("benchmark", null, "demo-embed", 600, 0), cancellationToken);
        made.EnsureSuccessStatusCode();
        for (var document = 0; document < Documents; document++)
        {
            var text = string.Join("\n\n", Enumerable.Range(0, Paragraphs).Select(_ => texts.Paragraph()));
            using var content = new StringContent(text, Encoding.UTF8, "text/plain");
            using var taken = await client.PostAsync($"{Base}/documents?name=document-{document}.txt", content, cancellationToken);
            taken.EnsureSuccessStatusCode();
        }

        while (true)
        {
            var page = await client.GetFromJsonAsync<Page<DocumentResponse>>($"{Base}/documents?limit=100", cancellationToken) ?? throw new InvalidDataException("The list is null.");
            if (page.Items.FirstOrDefault(document => document.State == DocumentStates.Failed) is { } failed)
            {
                throw new InvalidOperationException($"{failed.Name} failed: {failed.Error}");
            }

            if (page.Items.All(document => document.State == DocumentStates.Ready))
            {
                return (page.Items.Sum(document => (long)document.Chunks), watch.Elapsed.TotalSeconds);
            }

            await Task.Delay(250, cancellationToken);
        }
    }

    private static async Task<(SearchResponse Response, double Milliseconds)> SearchAsync(HttpClient client, string query, string mode, CancellationToken cancellationToken)
    {
        var begin = Stopwatch.GetTimestamp();
        using var answer = await client.PostAsJsonAsync($"{Base}/search", new SearchRequest(query, Nearest, mode), cancellationToken);
        answer.EnsureSuccessStatusCode();
        var response = await answer.Content.ReadFromJsonAsync<SearchResponse>(cancellationToken) ?? throw new InvalidDataException("The answer is null.");
        return (response, Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
    }

    /// <summary>The share of the true nearest that is found. Of passages with one cosine any is as good as the other.</summary>
    private static async Task<double> RecallAsync(FactoryProcess factory, HttpClient client, SearchTexts texts, CancellationToken cancellationToken)
    {
        const double tolerance = 1e-5;
        var vectors = await ReadVectorsAsync(factory, cancellationToken);
        var hits = 0;
        for (var i = Warmup; i < Warmup + Queries; i++)
        {
            var query = (await RetrievalBenchmark.EmbedAsync(client, [texts.Query(i)], cancellationToken))[0];
            var norm = Math.Sqrt(query.Sum(value => (double)value * value));
            var worst = vectors.Select(vector => vector.Select((value, at) => (double)value * query[at]).Sum() / norm).OrderDescending().ElementAt(Nearest - 1);
            var (response, _) = await SearchAsync(client, texts.Query(i), SearchModes.Vector, cancellationToken);
            hits += response.Results.Count(passage => passage.VectorScore >= worst - tolerance);
        }

        return hits / (double)(Queries * Nearest);
    }

    private static async Task<IReadOnlyList<float[]>> ReadVectorsAsync(FactoryProcess factory, CancellationToken cancellationToken)
    {
        var database = factory.Child("AiFactory.Builder").Environment("ConnectionStrings__builderdb") ?? throw new InvalidOperationException("the builder has no database");
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(
            "select embedding from knowledge_embeddings as vector join knowledge_bases as base on base.id = vector.base_id where base.name = 'benchmark'");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var vectors = new List<float[]>();
        while (await reader.ReadAsync(cancellationToken))
        {
            vectors.Add(await reader.GetFieldValueAsync<float[]>(0, cancellationToken));
        }

        return vectors;
    }

    private static string Milliseconds(List<double> samples, double share) =>
        string.Create(CultureInfo.InvariantCulture, $"{At(samples, share):F1} ms");

    private static double At(List<double> samples, double share) => samples.Order().ElementAt((int)(share * (samples.Count - 1)));
}
