using AiFactory.Builder.Knowledge.Chunking;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.Builder.Knowledge.Ingestion;

/// <summary>Passages and their embeddings.</summary>
internal sealed class ChunkStore(Database database)
{
    private const int RowsAtOnce = 1000;

    /// <summary>Puts these passages in place of all that the document had.</summary>
    internal async Task ReplaceAsync(
        DatabaseTransaction transaction, Guid baseId, Guid documentId, string text, IReadOnlyList<Chunk> chunks, CancellationToken cancellationToken)
    {
        await transaction.ExecuteAsync("delete from knowledge_chunks where document_id = @documentId", new { documentId }, cancellationToken);
        foreach (var some in chunks.Chunk(RowsAtOnce))
        {
            await transaction.ExecuteAsync(
                """
                insert into knowledge_chunks (document_id, base_id, ordinal, start_at, end_at, heading, text)
                select @documentId, @baseId, ordinal, start_at, end_at, heading, text
                from unnest(@ordinals, @starts, @ends, @headings, @texts) as chunk(ordinal, start_at, end_at, heading, text)
                """,
                new
                {
                    documentId,
                    baseId,
                    ordinals = some.Select(chunk => chunk.Ordinal).ToArray(),
                    starts = some.Select(chunk => chunk.Start).ToArray(),
                    ends = some.Select(chunk => chunk.End).ToArray(),
                    headings = some.Select(chunk => chunk.Heading).ToArray(),
                    texts = some.Select(chunk => text[chunk.Start..chunk.End]).ToArray(),
                },
                cancellationToken);
        }
    }

    internal Task<IReadOnlyList<ChunkRow>> ListAsync(Guid documentId, int from, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<ChunkRow>(
            """
            select ordinal, heading, text from knowledge_chunks
            where document_id = @documentId and ordinal >= @from
            order by ordinal
            limit @limit
            """,
            new { documentId, from, limit },
            cancellationToken);

    /// <param name="vectors">Of unit length, one behind the other: those of the passages from <paramref name="from"/> on.</param>
    internal Task AddEmbeddingsAsync(
        DatabaseTransaction transaction, Guid baseId, Guid documentId, int from, int count, int dimensions, float[] vectors, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            """
            insert into knowledge_embeddings (document_id, base_id, ordinal, embedding)
            select @documentId, @baseId, @from + i, (@vectors::real[])[i * @dimensions + 1 : (i + 1) * @dimensions]
            from generate_series(0, @count - 1) as i
            """,
            new { documentId, baseId, from, count, dimensions, vectors },
            cancellationToken);
}
