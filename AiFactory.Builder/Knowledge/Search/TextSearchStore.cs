using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.Builder.Knowledge.Search;

/// <summary>Search by words, with Postgres' full text search for English.</summary>
internal sealed class TextSearchStore(Database database)
{
    /// <summary>Words are looked for from the rarest on, until so many passages have one of them: what has only commoner words would come after these anyway, nearly always.</summary>
    private const int Enough = 500;

    /// <summary>Different words of a question that are looked for: a search is no comparison of documents.</summary>
    private const int Words = 64;

    /// <summary>A word in more passages than this counts as one in so many: there is no use in knowing how common it is.</summary>
    private const int Common = 20_000;

    /// <summary>
    /// Passages that have any of the query's words (a question has words that its answer has not), ordered as BM25 would: each word counts by how rare it is in the
    /// base, times <c>ts_rank</c>, which grows ever less with the word's repetitions and falls with the passage's length.
    /// </summary>
    internal Task<IReadOnlyList<Candidate>> SearchAsync(Guid baseId, string query, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<Candidate>(
            """
            with size as (
              select coalesce(sum(chunks), 0) as passages from knowledge_documents where base_id = @baseId),
            asked as materialized (
              select ('''' || replace(replace(lexeme, '\', '\\'), '''', '''''') || '''')::tsquery as word
              from unnest(to_tsvector('english', @query))
              limit @mostWords),
            counted as materialized (
              select word, (select count(*) from (select from knowledge_chunks where base_id = @baseId and words @@ word limit @common) as passages_with) as found
              from asked),
            weighted as materialized (
              select
                word,
                found,
                ln(1 + (greatest(passages - found, 0) + 0.5) / (found + 0.5)) as weight,
                sum(found) over (order by found, word::text) - found as before
              from counted, size
              where found > 0),
            chosen as materialized (
              select string_agg(word::text, ' | ')::tsquery as words from weighted where before < @enough and (before = 0 or found < @common))
            select
              chunk.document_id,
              chunk.ordinal,
              (select sum(weight * ts_rank(chunk.words, word, 1)) from weighted where chunk.words @@ word)::float8 as score
            from chosen
            join knowledge_chunks as chunk on chunk.words @@ chosen.words
            join knowledge_documents as document on document.id = chunk.document_id
            where chunk.base_id = @baseId and document.state = 'ready'
            order by score desc, chunk.document_id, chunk.ordinal
            limit @limit
            """,
            new { baseId, query, limit, common = Common, enough = Enough, mostWords = Words },
            cancellationToken);
}
