using AiFactory.ModelLibrary.Storage;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.ModelLibrary.Routing;

internal sealed class SnapshotStore(Database database)
{
    internal Task<SnapshotRow?> FindAsync(CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<SnapshotRow>("select version, published_at, content from routing_snapshot", null, cancellationToken);

    /// <summary>Publishes the content as the next version; null when another library published meanwhile.</summary>
    internal Task<SnapshotRow?> PublishAsync(string content, long after, DateTimeOffset at, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<SnapshotRow>(
            """
            insert into routing_snapshot as was (version, published_at, content)
            values (@after + 1, @at, @content)
            on conflict (only_row) do update set version = was.version + 1, published_at = excluded.published_at, content = excluded.content
            where was.version = @after
            returning version, published_at, content
            """,
            new { content, after, at },
            cancellationToken);
}
