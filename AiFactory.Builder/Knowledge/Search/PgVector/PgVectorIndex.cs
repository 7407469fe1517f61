using System.Data;
using AiFactory.Builder.Knowledge.Bases;
using AiFactory.ServiceDefaults.Outcomes;
using AiFactory.ServiceDefaults.Postgres;
using Dapper;
using Microsoft.Extensions.Options;
using Npgsql;

namespace AiFactory.Builder.Knowledge.Search.PgVector;

/// <summary>
/// Search in the database, where it has the extension <c>vector</c> (https://github.com/pgvector/pgvector): an HNSW index for each base, over its rows alone,
/// so that a base's recall does not depend on the others. Vectors are of unit length: the inner product orders as the cosine does, and takes zeros.
/// </summary>
internal sealed partial class PgVectorIndex(
    Database database, NpgsqlDataSource source, KnowledgeBaseStore bases, IOptions<KnowledgeOptions> options, TimeProvider time, ILogger<PgVectorIndex> logger)
{
    /// <summary>What an HNSW index takes.</summary>
    internal const int MostDimensions = 2000;

    /// <summary>How wide the search looks; more finds more and takes longer. From 40, the extension's own, to twice the candidates.</summary>
    private const int LeastBreadth = 100;

    private const string Prefix = "knowledge_near_";

    /// <summary>One for all bases: of one table, only one index is made concurrently at a time.</summary>
    private const long Lock = 0x6b6e6f776e656172;

    /// <summary>Indexes of bases that are gone, and what a rebuild left that did not end (<c>..._ccnew</c>, <c>..._ccold</c>).</summary>
    private const string Orphans =
        $"""
        select index.relname
        from pg_class as index
        where index.relkind = 'i' and starts_with(index.relname, '{Prefix}')
          and not exists (select 1 from knowledge_bases where '{Prefix}' || replace(id::text, '-', '') = index.relname)
        """;

    /// <summary>An index that someone dropped, or that is no longer valid, is made again.</summary>
    private const string MarkLost =
        $"""
        update knowledge_bases as base set indexed = false
        where indexed and not exists (
          select 1 from pg_class as index join pg_index on indexrelid = index.oid
          where index.relname = '{Prefix}' || replace(base.id::text, '-', '') and indisvalid)
        """;

    /// <summary>Whether the server has the extension for this database; installs it when it may. Null with the reason when it cannot be.</summary>
    internal async Task<(bool Available, string? Reason)> EnableAsync(CancellationToken cancellationToken)
    {
        var version = await database.FirstOrDefaultAsync<string>("select default_version from pg_available_extensions where name = 'vector'", null, cancellationToken);
        if (version is null)
        {
            return (false, null);
        }

        try
        {
            await database.ExecuteAsync("create extension if not exists vector", null, cancellationToken);
            return (true, null);
        }
        catch (PostgresException error) when (error.SqlState is PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.UniqueViolation)
        {
            var installed = await database.FirstOrDefaultAsync<bool>("select exists (select 1 from pg_extension where extname = 'vector')", null, cancellationToken);
            return installed ? (true, null) : (false, error.MessageText);
        }
    }

    /// <summary>
    /// Gives each base that has vectors its index, to which the database adds the rows that come later, and drops the indexes of bases that are gone. Answers
    /// which bases have got theirs; none while another process is at it.
    /// </summary>
    internal async Task<IReadOnlyList<Guid>> TendAsync(CancellationToken cancellationToken)
    {
        var made = new List<Guid>();
        await AloneAsync(
            async connection =>
            {
                var bases = await connection.QueryAsync<(Guid Id, int Dimensions)>(new CommandDefinition(
                    "select id, dimensions from knowledge_bases where not indexed and dimensions between 1 and @MostDimensions", new { MostDimensions }, cancellationToken: cancellationToken));
                foreach (var (id, dimensions) in bases)
                {
                    try
                    {
                        await CreateAsync(connection, id, dimensions, cancellationToken);
                        made.Add(id);
                    }
                    catch (PostgresException error) when (connection.FullState == ConnectionState.Open)
                    {
                        LogNotMade(logger, error, id);
                    }
                }
            },
            cancellationToken);
        return made;
    }

    /// <summary>
    /// Makes a base's index anew, as after many documents came and went. Searches use the old one until the new one takes its place. Not while an index, this or another, is
    /// being made, and not again and again.
    /// </summary>
    internal async Task<Outcome<bool>> RebuildAsync(Guid baseId, CancellationToken cancellationToken)
    {
        Outcome<bool> outcome = new Outcome<bool>.Conflict("An index is being made or rebuilt now. Try again when that is done.");
        await AloneAsync(async connection => outcome = await RebuildAsync(connection, baseId, cancellationToken), cancellationToken);
        return outcome;
    }

    private async Task<Outcome<bool>> RebuildAsync(NpgsqlConnection connection, Guid baseId, CancellationToken cancellationToken)
    {
        if (await bases.FindAsync(baseId, cancellationToken) is not { Indexed: true } owner)
        {
            return new Outcome<bool>.Conflict("The index is gone from the database and is made again. Until then the vectors are searched exactly.");
        }

        var wait = owner.RebuiltAt + options.Value.RebuildInterval - time.GetUtcNow();
        if (wait > TimeSpan.Zero)
        {
            return new Outcome<bool>.TooMany($"The index of '{owner.Name}' was rebuilt less than {options.Value.RebuildInterval:g} ago (setting Knowledge:RebuildInterval).", wait);
        }

        Outcome<bool> outcome = true;
        try
        {
            await ExecuteAsync(connection, $"reindex index concurrently {Name(baseId)}", cancellationToken);
        }
        catch (PostgresException error) when (connection.FullState == ConnectionState.Open)
        {
            LogNotRebuilt(logger, error, baseId);
            outcome = new Outcome<bool>.Conflict($"The database did not rebuild the index, and searches use the former one: {error.MessageText}");
        }

        // One that failed cost as much.
        await bases.RebuiltAsync(baseId, time.GetUtcNow(), cancellationToken);
        return outcome;
    }

    /// <summary>
    /// False when another process makes indexes now. No one waits for it: an index that is made concurrently waits for every statement that was begun before, the one that waits
    /// too, and neither would end.
    /// </summary>
    private async Task<bool> AloneAsync(Func<NpgsqlConnection, Task> work, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        if (!await connection.ExecuteScalarAsync<bool>(new CommandDefinition("select pg_try_advisory_lock(@Lock)", new { Lock }, cancellationToken: cancellationToken)))
        {
            return false;
        }

        try
        {
            foreach (var name in await connection.QueryAsync<string>(new CommandDefinition(Orphans, cancellationToken: cancellationToken)))
            {
                await ExecuteAsync(connection, $"drop index concurrently if exists {name}", cancellationToken);
            }

            await connection.ExecuteAsync(new CommandDefinition(MarkLost, cancellationToken: cancellationToken));
            await work(connection);
            return true;
        }
        finally
        {
            await connection.ExecuteAsync("select pg_advisory_unlock(@Lock)", new { Lock });
        }
    }

    /// <summary>The passages whose vectors are nearest, the nearest first.</summary>
    /// <param name="only">The documents to search; all when null.</param>
    internal async Task<IReadOnlyList<Candidate>> SearchAsync(KnowledgeBaseRow owner, float[] query, Guid[]? only, int limit, CancellationToken cancellationToken)
    {
        // Every vector is compared where the index, which knows nothing of documents, would give up (hnsw.max_scan_tuples) before it has enough: of a few documents, and
        // when the nearest are of documents that are not ready.
        var found = only is null ? await SearchIndexAsync(owner, query, limit, cancellationToken) : [];
        return only is null && (found.Count == limit || found.Count >= await CountReadyAsync(owner.Id, cancellationToken))
            ? found
            : await database.QueryAsync<Candidate>(Exact(owner, only), new { owner.Id, query, only, limit }, cancellationToken);
    }

    /// <summary>
    /// The base's documents lead to its vectors, by the primary key that begins with them: no index begins with the base, and to find its vectors by that alone
    /// those of all bases would be read.
    /// </summary>
    internal static string Exact(KnowledgeBaseRow owner, Guid[]? only) =>
        Nearest(owner, $"and document.base_id = @Id{(only is null ? "" : " and near.document_id = any(@only)")}", "score desc");

    private Task<long> CountReadyAsync(Guid baseId, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<long>("select coalesce(sum(chunks), 0) from knowledge_documents where base_id = @baseId and state = 'ready'", new { baseId }, cancellationToken);

    private async Task<IReadOnlyList<Candidate>> SearchIndexAsync(KnowledgeBaseRow owner, float[] query, int limit, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(cancellationToken);
        // The planner thinks little of an index that it has no statistics for, and sorts a whole base instead: it may not. Nor may it plan for any base, for the
        // index is one base's. Rows of documents that are not ready are passed over: the scan goes on until there are enough.
        await transaction.FirstOrDefaultAsync<string>(
            """
            select set_config('hnsw.ef_search', @breadth, true) || set_config('hnsw.iterative_scan', 'strict_order', true)
              || set_config('enable_sort', 'off', true) || set_config('plan_cache_mode', 'force_custom_plan', true)
            """,
            new { breadth = Math.Clamp(limit * 2, LeastBreadth, 1000).ToString(System.Globalization.CultureInfo.InvariantCulture) },
            cancellationToken);
        var found = await transaction.QueryAsync<Candidate>(Nearest(owner, "", Distance(owner)), new { owner.Id, query, limit }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return found;
    }

    private static string Nearest(KnowledgeBaseRow owner, string condition, string order) =>
        $"""
        select near.document_id, near.ordinal, -({Distance(owner)}) as score
        from knowledge_embeddings as near
        join knowledge_documents as document on document.id = near.document_id and document.state = 'ready'
        where near.base_id = @Id {condition}
        order by {order}
        limit @limit
        """;

    /// <summary>As the index has it. The length stands in the index's expression and so in the query's: it cannot be a parameter. It is a number of ours.</summary>
    private static string Distance(KnowledgeBaseRow owner) => $"near.embedding::vector({owner.Dimensions}) <#> @query::real[]::vector({owner.Dimensions})";

    private static string Name(Guid baseId) => $"{Prefix}{baseId:n}";

    private async Task CreateAsync(NpgsqlConnection connection, Guid id, int dimensions, CancellationToken cancellationToken)
    {
        // Concurrently, so that documents can be taken in meanwhile; an index that was left half made is of no use.
        await ExecuteAsync(connection, $"drop index concurrently if exists {Name(id)}", cancellationToken);
        await ExecuteAsync(
            connection,
            $"create index concurrently {Name(id)} on knowledge_embeddings using hnsw ((embedding::vector({dimensions})) vector_ip_ops) where base_id = '{id}'",
            cancellationToken);
        await database.ExecuteAsync("update knowledge_bases set indexed = true where id = @id", new { id }, cancellationToken);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        // A large index takes longer than a command may.
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    [LoggerMessage(4324, LogLevel.Warning, "The index of knowledge base {Base} cannot be made, and is tried again; until then its search is exact, in memory")]
    private static partial void LogNotMade(ILogger logger, Exception error, Guid @base);

    [LoggerMessage(4325, LogLevel.Warning, "The index of knowledge base {Base} was not rebuilt; the former one is searched")]
    private static partial void LogNotRebuilt(ILogger logger, Exception error, Guid @base);
}
