using AiFactory.ModelLibrary.Storage;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.ModelLibrary.Upstreams;

internal sealed class UpstreamStore(Database database)
{
    private const string Select =
        """
        select id, project, name, kind, base_url, api_version, headers::text as headers, enabled, credential, credential_end, credential_set_by, credential_set_at, revision,
               created_by, updated_by, created_at, updated_at
        from upstreams
        """;

    private const string SelectModels =
        "select id, upstream_id, project, name, model, task, context_length, visibility, traffic::text as traffic, cache::text as cache, created_at from upstream_models";

    /// <summary>By name.</summary>
    internal Task<IReadOnlyList<UpstreamRow>> ListAsync(string project, string after, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<UpstreamRow>($"{Select} where project = @project and name > @after order by name limit @limit", new { project, after, limit }, cancellationToken);

    /// <summary>Every project's that are switched on.</summary>
    internal Task<IReadOnlyList<UpstreamRow>> ListEnabledAsync(CancellationToken cancellationToken) =>
        database.QueryAsync<UpstreamRow>($"{Select} where enabled order by id", null, cancellationToken);

    internal Task<UpstreamRow?> FindAsync(string project, string name, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<UpstreamRow>($"{Select} where project = @project and name = @name", new { project, name }, cancellationToken);

    internal Task<UpstreamRow?> LockAsync(DatabaseTransaction transaction, string project, string name, CancellationToken cancellationToken) =>
        transaction.FirstOrDefaultAsync<UpstreamRow>($"{Select} where project = @project and name = @name for update", new { project, name }, cancellationToken);

    /// <summary>Of these upstreams, by name.</summary>
    internal Task<IReadOnlyList<UpstreamModelRow>> ListModelsAsync(Guid[] upstreams, CancellationToken cancellationToken) =>
        database.QueryAsync<UpstreamModelRow>($"{SelectModels} where upstream_id = any(@upstreams) order by name", new { upstreams }, cancellationToken);

    internal Task<IReadOnlyList<UpstreamModelRow>> ListModelsAsync(DatabaseTransaction transaction, Guid upstream, CancellationToken cancellationToken) =>
        transaction.QueryAsync<UpstreamModelRow>($"{SelectModels} where upstream_id = @upstream order by name", new { upstream }, cancellationToken);

    /// <summary>Until the transaction ends, no other gives out a name of the project: deployments and upstreams' models are in two tables and have no name twice.</summary>
    internal Task LockNamesAsync(DatabaseTransaction transaction, string project, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync("select pg_advisory_xact_lock(hashtext('aifactory.library.names'), hashtext(@project))", new { project }, cancellationToken);

    /// <summary>The upstream that has a model of this name.</summary>
    internal Task<string?> FindOwnerAsync(DatabaseTransaction transaction, string project, string name, CancellationToken cancellationToken) =>
        transaction.FirstOrDefaultAsync<string>(
            "select u.name from upstream_models as m join upstreams as u on u.id = m.upstream_id where m.project = @project and m.name = @name", new { project, name }, cancellationToken);

    /// <summary>Whether an upstream of the project has a model of this name with this task.</summary>
    internal Task<bool> ServesAsync(DatabaseTransaction transaction, string project, string name, string task, CancellationToken cancellationToken) =>
        transaction.FirstOrDefaultAsync<bool>(
            "select exists (select 1 from upstream_models where project = @project and name = @name and task = @task)", new { project, name, task }, cancellationToken);

    /// <summary>False when the name is taken.</summary>
    internal async Task<bool> InsertAsync(DatabaseTransaction transaction, UpstreamRow upstream, CancellationToken cancellationToken) =>
        await transaction.ExecuteAsync(
            """
            insert into upstreams (id, project, name, kind, base_url, api_version, headers, enabled, credential, credential_end, credential_set_by, credential_set_at, revision,
                                   created_by, updated_by, created_at, updated_at)
            values (@Id, @Project, @Name, @Kind, @BaseUrl, @ApiVersion, @Headers::jsonb, @Enabled, @Credential, @CredentialEnd, @CredentialSetBy, @CredentialSetAt, @Revision,
                    @CreatedBy, @UpdatedBy, @CreatedAt, @UpdatedAt)
            on conflict do nothing
            """,
            upstream,
            cancellationToken) == 1;

    internal Task UpdateAsync(DatabaseTransaction transaction, UpstreamRow upstream, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            """
            update upstreams set kind = @Kind, base_url = @BaseUrl, api_version = @ApiVersion, headers = @Headers::jsonb, enabled = @Enabled,
                   credential = @Credential, credential_end = @CredentialEnd, credential_set_by = @CredentialSetBy, credential_set_at = @CredentialSetAt,
                   revision = @Revision, updated_by = @UpdatedBy, updated_at = @UpdatedAt
            where id = @Id
            """,
            upstream,
            cancellationToken);

    /// <summary>The upstream has these models and no others. One that keeps its name keeps its id.</summary>
    internal async Task PutModelsAsync(DatabaseTransaction transaction, Guid upstream, IReadOnlyList<UpstreamModelRow> models, CancellationToken cancellationToken)
    {
        await transaction.ExecuteAsync(
            "delete from upstream_models where upstream_id = @upstream and not name = any(@names)", new { upstream, names = models.Select(model => model.Name).ToArray() }, cancellationToken);
        foreach (var model in models)
        {
            await transaction.ExecuteAsync(
                """
                insert into upstream_models (id, upstream_id, project, name, model, task, context_length, visibility, traffic, cache, created_at)
                values (@Id, @UpstreamId, @Project, @Name, @Model, @Task, @ContextLength, @Visibility, @Traffic::jsonb, @Cache::jsonb, @CreatedAt)
                on conflict (project, name) do update
                set model = excluded.model, task = excluded.task, context_length = excluded.context_length, visibility = excluded.visibility, traffic = excluded.traffic,
                    cache = excluded.cache
                """,
                model,
                cancellationToken);
        }
    }

    /// <summary>Every project's that have a credential.</summary>
    internal Task<IReadOnlyList<UpstreamRow>> ListSealedAsync(CancellationToken cancellationToken) =>
        database.QueryAsync<UpstreamRow>($"{Select} where credential is not null order by id", null, cancellationToken);

    /// <summary>The same credential, sealed otherwise: nobody has changed the upstream. False where it is not the one that it was.</summary>
    internal async Task<bool> ReplaceCredentialAsync(Guid id, string was, string anew, CancellationToken cancellationToken) =>
        await database.ExecuteAsync("update upstreams set credential = @anew where id = @id and credential = @was", new { id, was, anew }, cancellationToken) == 1;

    internal Task DeleteAsync(DatabaseTransaction transaction, Guid id, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync("delete from upstreams where id = @id", new { id }, cancellationToken);
}
