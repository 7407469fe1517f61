using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.Builder.Knowledge.Search;

/// <summary>Search by words, with Postgres' full text search for English.</summary>
internal sealed class TextSearchStore(Database database)
{
    /// <summary>
    /// Passages that have any of the query's words: a question has words that its answer has not. Ordered by the cover density rank.
    /// </summary>
    internal Task<IReadOnlyList<Candidate>> SearchAsync(Guid baseId, string query, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<Candidate>(
            """
            with asked as materialized (
              select replace(plainto_tsquery('english', @query)::text, '&', '|')::tsquery as words)
            select chunk.document_id, chunk.ordinal, ts_rank_cd(chunk.words, asked.words, 1)::float8 as score
            from asked
            join knowledge_chunks as chunk on chunk.words @@ asked.words
            join knowledge_documents as document on document.id = chunk.document_id
            where chunk.base_id = @baseId and document.state = 'ready'
            order by score desc, chunk.document_id, chunk.ordinal
            limit @limit
            """,
            new { baseId, query, limit },
            cancellationToken);
}
