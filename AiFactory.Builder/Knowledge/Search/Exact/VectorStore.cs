using AiFactory.ServiceDefaults.Postgres;
using Npgsql;

namespace AiFactory.Builder.Knowledge.Search.Exact;

/// <summary>Reads vectors for images.</summary>
internal sealed class VectorStore(Database database, NpgsqlDataSource source)
{
    internal Task<IReadOnlyList<ReadyDocument>> ListReadyAsync(Guid baseId, CancellationToken cancellationToken) =>
        database.QueryAsync<ReadyDocument>(
            "select id, ready_revision, chunks from knowledge_documents where base_id = @baseId and state = 'ready'", new { baseId }, cancellationToken);

    /// <summary>Reads row by row: the vectors of a large base are never held twice.</summary>
    internal async Task<IReadOnlyList<VectorSegment>> ReadAsync(IReadOnlyList<ReadyDocument> documents, int dimensions, CancellationToken cancellationToken)
    {
        var segments = documents.ToDictionary(document => document.Id, document => new VectorSegment(document.Id, document.ReadyRevision, new float[document.Chunks * dimensions]));
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand("select document_id, ordinal, embedding from knowledge_embeddings where document_id = any($1)", connection);
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. segments.Keys] });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var vectors = segments[reader.GetGuid(0)].Vectors;
            var vector = await reader.GetFieldValueAsync<float[]>(2, cancellationToken);
            var at = (long)reader.GetInt32(1) * dimensions;
            // A document that is read anew at this moment has other rows than were listed; the next revision has them.
            if (vector.Length == dimensions && at >= 0 && at + dimensions <= vectors.Length)
            {
                vector.CopyTo(vectors, at);
            }
        }

        return [.. segments.Values];
    }
}
