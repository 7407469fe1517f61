using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.Builder.Flows;

internal sealed class FlowStore(Database database)
{
    private const string Select =
        """
        select f.id, f.project, f.name, f.description, f.revision, f.created_by, f.created_at, f.updated_at,
               p.alias as published_alias, p.revision as published_revision
        from flows as f
        left join lateral (select alias, revision from publications where flow_id = f.id order by alias limit 1) as p on true
        """;

    /// <summary>By name.</summary>
    internal Task<IReadOnlyList<FlowRow>> ListAsync(string project, string after, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<FlowRow>(
            $"{Select} where f.project = @project and f.name > @after and f.deleted_at is null order by f.name limit @limit",
            new { project, after, limit },
            cancellationToken);

    internal Task<FlowRow?> FindAsync(string project, string name, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<FlowRow>(
            $"{Select} where f.project = @project and f.name = @name and f.deleted_at is null", new { project, name }, cancellationToken);

    internal Task<FlowRow?> LockAsync(DatabaseTransaction transaction, string project, string name, CancellationToken cancellationToken) =>
        transaction.FirstOrDefaultAsync<FlowRow>(
            $"{Select} where f.project = @project and f.name = @name and f.deleted_at is null for update of f", new { project, name }, cancellationToken);

    /// <summary>False when the name is taken.</summary>
    internal async Task<bool> InsertAsync(DatabaseTransaction transaction, FlowRow flow, CancellationToken cancellationToken) =>
        await transaction.ExecuteAsync(
            """
            insert into flows (id, project, name, description, revision, created_by, created_at, updated_at)
            values (@Id, @Project, @Name, @Description, @Revision, @CreatedBy, @CreatedAt, @UpdatedAt)
            on conflict do nothing
            """,
            flow,
            cancellationToken) == 1;

    internal Task InsertRevisionAsync(DatabaseTransaction transaction, RevisionRow revision, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            """
            insert into flow_revisions (flow_id, revision, graph, created_by, created_at)
            values (@FlowId, @Revision, @Graph::jsonb, @CreatedBy, @CreatedAt)
            """,
            revision,
            cancellationToken);

    internal Task AdvanceAsync(DatabaseTransaction transaction, Guid id, int revision, DateTimeOffset at, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync("update flows set revision = @revision, updated_at = @at where id = @id", new { id, revision, at }, cancellationToken);

    /// <summary>The flow and what it is published as; its revisions and runs stay, for they are history.</summary>
    internal async Task DeleteAsync(DatabaseTransaction transaction, Guid id, DateTimeOffset at, CancellationToken cancellationToken)
    {
        await transaction.ExecuteAsync("delete from publications where flow_id = @id", new { id }, cancellationToken);
        await transaction.ExecuteAsync("update flows set deleted_at = @at where id = @id", new { id, at }, cancellationToken);
    }

    /// <summary>Newest first.</summary>
    internal Task<IReadOnlyList<RevisionRow>> ListRevisionsAsync(Guid flowId, int? before, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<RevisionRow>(
            """
            select flow_id, revision, '' as graph, created_by, created_at from flow_revisions
            where flow_id = @flowId and (@before::integer is null or revision < @before)
            order by revision desc
            limit @limit
            """,
            new { flowId, before, limit },
            cancellationToken);

    internal Task<RevisionRow?> FindRevisionAsync(Guid flowId, int revision, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<RevisionRow>(
            "select flow_id, revision, graph, created_by, created_at from flow_revisions where flow_id = @flowId and revision = @revision",
            new { flowId, revision },
            cancellationToken);
}
