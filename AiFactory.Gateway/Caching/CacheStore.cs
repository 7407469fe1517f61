using AiFactory.ServiceDefaults.Postgres;
using Dapper;

namespace AiFactory.Gateway.Caching;

internal sealed class CacheStore(Database database)
{
    private const string Delete = "delete from cached_answers where (@Project::text is null or project = @Project) and (@Deployment::uuid is null or deployment = @Deployment)";

    internal Task<IReadOnlyList<CacheRow>> FindAsync(byte[][] keys, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.QueryAsync<CacheRow>(
            "select key, kind, project, deployment, body, tokens, stored_at, expires_at from cached_answers where key = any(@keys) and expires_at > @now",
            new { keys, now },
            cancellationToken);

    /// <summary>Each key once; of two answers to one request the later counts.</summary>
    internal Task<int> PutAsync(CacheRow[] rows, CancellationToken cancellationToken)
    {
        var values = new DynamicParameters();
        values.Add("keys", Array.ConvertAll(rows, row => row.Key));
        values.Add("kinds", Array.ConvertAll(rows, row => row.Kind));
        values.Add("projects", Array.ConvertAll(rows, row => row.Project));
        values.Add("deployments", Array.ConvertAll(rows, row => row.Deployment));
        values.Add("bodies", Array.ConvertAll(rows, row => row.Body));
        values.Add("tokens", Array.ConvertAll(rows, row => row.Tokens));
        values.Add("stored", Array.ConvertAll(rows, row => row.StoredAt));
        values.Add("expires", Array.ConvertAll(rows, row => row.ExpiresAt));
        return database.ExecuteAsync(
            """
            insert into cached_answers as former (key, kind, project, deployment, body, tokens, stored_at, expires_at)
            select * from unnest(@keys::bytea[], @kinds::integer[], @projects::text[], @deployments::uuid[], @bodies::bytea[], @tokens::integer[], @stored::timestamptz[], @expires::timestamptz[])
            on conflict (key) do update set body = excluded.body, tokens = excluded.tokens, stored_at = excluded.stored_at, expires_at = excluded.expires_at
            where former.stored_at < excluded.stored_at
            """,
            values,
            cancellationToken);
    }

    /// <summary>All gateways read it. By the database's clock, so that one whose own is ahead finds it too.</summary>
    internal Task OrderAsync(CachePurge purge, CancellationToken cancellationToken) =>
        database.ExecuteAsync("insert into cache_purges (id, project, deployment, before) values (@Id, @Project, @Deployment, clock_timestamp()) on conflict do nothing", purge, cancellationToken);

    /// <summary>Those of so long.</summary>
    internal Task<IReadOnlyList<CacheOrder>> OrdersAsync(TimeSpan window, CancellationToken cancellationToken) =>
        database.QueryAsync<CacheOrder>(
            "select id, project, deployment, clock_timestamp() - before as age from cache_purges where before >= clock_timestamp() - @window order by before", new { window }, cancellationToken);

    internal Task<int> ForgetOrdersAsync(TimeSpan window, CancellationToken cancellationToken) =>
        database.ExecuteAsync("delete from cache_purges where before < clock_timestamp() - @window", new { window }, cancellationToken);

    /// <summary>All that are there now, whatever the clocks of the gateways that stored them said: for who is given the order.</summary>
    internal Task<int> DeleteAsync(CachePurge purge, CancellationToken cancellationToken) => database.ExecuteAsync(Delete, purge, cancellationToken);

    /// <summary>Those that were made before it, for who finds the order, however late: what came since is to stay.</summary>
    internal Task<int> DeleteFormerAsync(CachePurge purge, CancellationToken cancellationToken) => database.ExecuteAsync($"{Delete} and stored_at <= @Before", purge, cancellationToken);

    internal Task<int> DeleteExpiredAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            "delete from cached_answers where key in (select key from cached_answers where expires_at <= @now order by expires_at limit @limit)", new { now, limit }, cancellationToken);

    /// <summary>What was stored longest ago, as far as all that came later has the bound's bytes. The table's size on the disk is known without a look at its rows; below the bound it need not be.</summary>
    internal Task<int> DeleteBeyondAsync(long bound, int limit, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            """
            delete from cached_answers where key in (
              select key from (select key, sum(length(body)) over (order by stored_at desc, key) as bytes from cached_answers) as later
              where bytes > @bound and pg_total_relation_size('cached_answers') > @bound limit @limit)
            """,
            new { bound, limit },
            cancellationToken);
}
