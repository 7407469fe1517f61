using System.Globalization;
using AiFactory.Builder.Tests.Edges;
using AiFactory.Contracts.Builder.Knowledge;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using NpgsqlTypes;

namespace AiFactory.Builder.Tests.Knowledge.Search;

/// <summary>
/// Vectors in clusters, as those of texts are, laid straight into a base's tables: 20 documents of as many passages each. The gateway answers the query
/// <c>q7</c> with the seventh query vector.
/// </summary>
internal sealed class VectorSet
{
    private const int Documents = 20;
    private const int Clusters = 150;

    private readonly Guid[] _documents = [.. Enumerable.Range(0, Documents).Select(_ => Guid.CreateVersion7())];
    private readonly int _dimensions;
    private readonly float[][] _vectors;
    private readonly float[][] _queries;

    /// <param name="lastIsFarthest">Whether the last document's vectors lie opposite the first query.</param>
    internal VectorSet(int count, int queries, int dimensions = 64, bool lastIsFarthest = false)
    {
        _dimensions = dimensions;
        var random = new Random(17);
        var centers = Enumerable.Range(0, Clusters).Select(_ => Gaussian(random, 1)).ToArray();
        _vectors = [.. Enumerable.Range(0, count).Select(_ => Near(centers[random.Next(Clusters)], random))];
        _queries = [.. Enumerable.Range(0, queries).Select(_ => Near(centers[random.Next(Clusters)], random))];
        var opposite = _queries[0].Select(value => -value).ToArray();
        for (var i = count - PerDocument; lastIsFarthest && i < count; i++)
        {
            _vectors[i] = Near(opposite, random);
        }
    }

    internal int Queries => _queries.Length;

    /// <summary>The documents' names.</summary>
    internal IEnumerable<string> Names => _documents.Select(document => document.ToString());

    private int PerDocument => _vectors.Length / Documents;

    internal async Task FillAsync(BuilderUnderTest builder, string owner)
    {
        var token = TestContext.Current.CancellationToken;
        builder.Gateway.Script = (context, body) =>
        {
            var query = int.Parse((body["input"]?[0]?.GetValue<string>() ?? "q0")[1..], CultureInfo.InvariantCulture);
            return context.Response.WriteAsJsonAsync(new
            {
                @object = "list",
                data = new[] { new { @object = "embedding", index = 0, embedding = _queries[query] } },
                model = "demo-embed",
                usage = new { prompt_tokens = 1, total_tokens = 1 },
            });
        };
        await using var connection = await builder.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync(token);
        await using (var documents = new NpgsqlCommand(
            """
            insert into knowledge_documents (id, base_id, name, content_type, size, digest, object_prefix, state, chunks, embedded, ready_revision, next_at, created_by, created_at, updated_at)
            select document, base.id, document::text, 'text/plain', 1, 'sha256:', document::text, 'ready', $3, $3, 1, now(), 'test', now(), now()
            from unnest($1) as document, knowledge_bases as base where base.name = $2
            """,
            connection))
        {
            documents.Parameters.AddWithValue(_documents);
            documents.Parameters.AddWithValue(owner);
            documents.Parameters.AddWithValue(PerDocument);
            await documents.ExecuteNonQueryAsync(token);
        }

        await using (var chunks = new NpgsqlCommand(
            """
            insert into knowledge_chunks (document_id, base_id, ordinal, start_at, end_at, heading, text)
            select document.id, document.base_id, ordinal, 0, 1, '', 'passage ' || ordinal from knowledge_documents as document, generate_series(0, $1 - 1) as ordinal
            """,
            connection))
        {
            chunks.Parameters.AddWithValue(PerDocument);
            await chunks.ExecuteNonQueryAsync(token);
        }

        Guid baseId;
        await using (var update = new NpgsqlCommand("update knowledge_bases set dimensions = $1, revision = revision + 1 where name = $2 returning id", connection))
        {
            update.Parameters.AddWithValue(_dimensions);
            update.Parameters.AddWithValue(owner);
            baseId = (Guid)(await update.ExecuteScalarAsync(token) ?? Guid.Empty);
        }

        await using var import = await connection.BeginBinaryImportAsync("copy knowledge_embeddings (document_id, base_id, ordinal, embedding) from stdin (format binary)", token);
        for (var i = 0; i < _vectors.Length; i++)
        {
            await import.StartRowAsync(token);
            await import.WriteAsync(_documents[i / PerDocument], NpgsqlDbType.Uuid, token);
            await import.WriteAsync(baseId, NpgsqlDbType.Uuid, token);
            await import.WriteAsync(i % PerDocument, NpgsqlDbType.Integer, token);
            await import.WriteAsync(_vectors[i], NpgsqlDbType.Array | NpgsqlDbType.Real, token);
        }

        await import.CompleteAsync(token);
    }

    /// <summary>The share of the true nearest ten that the base finds, over all queries.</summary>
    internal async Task<double> RecallAsync(HttpClient client, string owner, string index)
    {
        var hits = 0;
        for (var query = 0; query < _queries.Length; query++)
        {
            var found = await client.SearchAsync(owner, $"q{query}", SearchModes.Vector, 10);
            found.Index.ShouldBe(index);
            found.Results.Select(passage => passage.VectorScore ?? 0).ShouldBeInOrder(SortDirection.Descending);
            hits += Nearest(_queries[query]).Intersect(found.Results.Select(passage => (passage.DocumentId, passage.Ordinal))).Count();
        }

        return hits / (10.0 * _queries.Length);
    }

    /// <summary>The plain reference: every cosine, in double precision, sorted.</summary>
    private IEnumerable<(Guid Document, int Ordinal)> Nearest(float[] query) =>
        Enumerable.Range(0, _vectors.Length)
            .OrderByDescending(i => Cosine(_vectors[i], query))
            .Take(10)
            .Select(i => (_documents[i / PerDocument], i % PerDocument));

    /// <summary>A document's cosines with a query, the best first.</summary>
    internal IEnumerable<double> Scores(int query, int document) =>
        Enumerable.Range(document * PerDocument, PerDocument).Select(i => Cosine(_vectors[i], _queries[query])).OrderDescending();

    private static double Cosine(float[] one, float[] other)
    {
        double sum = 0;
        for (var i = 0; i < one.Length; i++)
        {
            sum += (double)one[i] * other[i];
        }

        return sum;
    }

    private float[] Near(float[] center, Random random)
    {
        var noise = Gaussian(random, 0.6);
        var vector = center.Zip(noise, (a, b) => a + b).ToArray();
        var norm = Math.Sqrt(vector.Sum(value => (double)value * value));
        return [.. vector.Select(value => (float)(value / norm))];
    }

    private float[] Gaussian(Random random, double deviation) =>
        [.. Enumerable.Range(0, _dimensions).Select(_ => (float)(deviation * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
}
