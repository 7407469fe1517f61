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

    /// <summary>Passages are looked up by <c>knowledge_words</c>, in which their base is a word too, and ranked by their own words.</summary>
    internal static readonly string Sql = Within("");

    /// <summary>The same within some documents. A statement of its own: a condition that may be null is planned for either, and reads every passage that a word is counted in.</summary>
    private static readonly string SqlOfSome = Within("and document_id = any(@only)");

    // The passages that match are found before their documents are looked at: without statistics, as after a base was filled, Postgres takes the documents to be few and tests each of their passages.
    private static string Within(string documents) =>
        $"""
        with base as (
          select coalesce(sum(chunks), 0) as passages, ('''base ' || @baseId::text || '''')::tsquery as here from knowledge_documents where base_id = @baseId),
        asked as materialized (
          select ('''' || replace(replace(lexeme, '\', '\\'), '''', '''''') || '''')::tsquery as word
          from unnest(to_tsvector('english', @query))
          limit @mostWords),
        counted as materialized (
          select word, (select count(*) from (select from knowledge_chunks where knowledge_words(words, base_id) @@ (here && word) {documents} limit @common) as passages_with) as found
          from asked, base),
        weighted as materialized (
          select
            word,
            found,
            ln(1 + (greatest(passages - found, 0) + 0.5) / (found + 0.5)) as weight,
            sum(found) over (order by found, word::text) - found as before
          from counted, base
          where found > 0),
        chosen as materialized (
          select string_agg(word::text, ' | ')::tsquery as words from weighted where before < @enough and (before = 0 or found < @common)),
        matching as materialized (
          select
            document_id,
            ordinal,
            (select sum(weight * ts_rank(chunk.words, word, 1)) from weighted where chunk.words @@ word)::float8 as score
          from chosen
          cross join base
          join knowledge_chunks as chunk on knowledge_words(chunk.words, chunk.base_id) @@ (here && chosen.words) {documents})
        select document_id, ordinal, score
        from matching
        join knowledge_documents as document on document.id = document_id
        where document.state = 'ready'
        order by score desc, document_id, ordinal
        limit @limit
        """;

    /// <summary>
    /// Passages that have any of the query's words (a question has words that its answer has not), ordered as BM25 would: each word counts by how rare it is in the
    /// base, times <c>ts_rank</c>, which grows ever less with the word's repetitions and falls with the passage's length.
    /// </summary>
    /// <param name="only">The documents to search; all when null.</param>
    internal Task<IReadOnlyList<Candidate>> SearchAsync(Guid baseId, string query, Guid[]? only, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<Candidate>(only is null ? Sql : SqlOfSome, Values(baseId, query, only, limit), cancellationToken);

    internal static object Values(Guid baseId, string query, Guid[]? only, int limit) => new { baseId, query, only, limit, common = Common, enough = Enough, mostWords = Words };
}
