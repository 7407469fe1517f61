using AiFactory.ModelLibrary.Storage;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.ModelLibrary.Auditing;

internal sealed class AuditStore(Database database)
{
    private const string Columns = "sequence, at, project, actor, action, target, detail::text as detail";

    internal Task InsertAsync(DatabaseTransaction transaction, AuditEntry entry, string? detail, DateTimeOffset at, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            """
            insert into audit (at, project, actor, action, target, detail)
            values (@at, @Project, @Actor, @Action, @Target, @detail::jsonb)
            """,
            new { at, entry.Project, entry.Actor, entry.Action, entry.Target, detail },
            cancellationToken);

    /// <summary>Newest first. Every project and the factory's own acts when <paramref name="project"/> is null.</summary>
    internal Task<IReadOnlyList<AuditRow>> ListAsync(string? project, long before, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<AuditRow>(
            $"""
            select {Columns} from audit
            where (@project::text is null or project = @project) and sequence < @before
            order by sequence desc
            limit @limit
            """,
            new { project, before, limit },
            cancellationToken);

    internal async Task<AuditMark> MarkAsync(CancellationToken cancellationToken)
    {
        var (last, recent) = await database.FirstOrDefaultAsync<(long, long)>(
            "select coalesce(max(sequence), 0), count(*) from audit where sequence > (select max(sequence) - 1000 from audit)", null, cancellationToken);
        return new AuditMark(last, recent);
    }

    /// <summary>Whether this was ever done to this target.</summary>
    internal Task<bool> AnyAsync(string project, string action, string target, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<bool>(
            "select exists (select 1 from audit where project = @project and action = @action and target = @target)",
            new { project, action, target },
            cancellationToken);
}
