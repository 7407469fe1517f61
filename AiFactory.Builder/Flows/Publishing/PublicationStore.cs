using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.Builder.Flows.Publishing;

internal sealed class PublicationStore(Database database)
{
    private const string Select =
        "select p.project, p.alias, p.flow_id, f.name as flow, p.revision, p.bodies, p.published_by, p.published_at from publications as p join flows as f on f.id = p.flow_id";

    /// <summary>By alias.</summary>
    internal Task<IReadOnlyList<PublicationRow>> ListAsync(string project, string after, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<PublicationRow>(
            $"{Select} where p.project = @project and p.alias > @after order by p.alias limit @limit", new { project, after, limit }, cancellationToken);

    internal Task<PublicationRow?> FindAsync(string project, string alias, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<PublicationRow>($"{Select} where p.project = @project and p.alias = @alias", new { project, alias }, cancellationToken);

    /// <summary>False when the alias is another flow's.</summary>
    internal async Task<bool> PutAsync(DatabaseTransaction transaction, PublicationRow publication, CancellationToken cancellationToken) =>
        await transaction.ExecuteAsync(
            """
            insert into publications (project, alias, flow_id, revision, bodies, published_by, published_at)
            values (@Project, @Alias, @FlowId, @Revision, @Bodies::jsonb, @PublishedBy, @PublishedAt)
            on conflict (project, alias) do update
            set revision = excluded.revision, bodies = excluded.bodies, published_by = excluded.published_by, published_at = excluded.published_at
            where publications.flow_id = excluded.flow_id
            """,
            publication,
            cancellationToken) == 1;

    internal async Task<bool> DeleteAsync(string project, string alias, CancellationToken cancellationToken) =>
        await database.ExecuteAsync("delete from publications where project = @project and alias = @alias", new { project, alias }, cancellationToken) == 1;
}
