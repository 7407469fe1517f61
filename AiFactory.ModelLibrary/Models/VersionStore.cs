using AiFactory.ModelLibrary.Storage;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.ModelLibrary.Models;

internal sealed class VersionStore(Database database)
{
    private const string Columns =
        """
        v.id, v.model_id, v.project, m.name as model, v.version, v.tag, v.state, v.reason, v.digest, v.object_key, v.size_bytes, v.parts::text as parts, v.metadata::text as metadata,
        v.author, v.source_changed_by, v.source_id, v.source_path, v.created_at, v.attempts, v.lease_id,
        v.revoked_by, v.revoked_at
        """;

    private const string From = "from model_versions as v join models as m on m.id = v.model_id";

    private const string Revoked = $"select {Columns} {From} where v.project = @project and v.digest = @digest and v.state = 'revoked' order by v.id";

    /// <summary>All versions of these models, newest first.</summary>
    internal Task<IReadOnlyList<VersionRow>> ListAsync(Guid[] modelIds, CancellationToken cancellationToken) =>
        database.QueryAsync<VersionRow>(
            $"select {Columns} {From} where v.model_id = any(@modelIds) order by v.model_id, v.version desc", new { modelIds }, cancellationToken);

    internal Task<VersionRow?> FindAsync(string project, Guid id, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<VersionRow>($"select {Columns} {From} where v.project = @project and v.id = @id", new { project, id }, cancellationToken);

    /// <summary>The newest version that one tag of a model has had.</summary>
    internal Task<VersionRow?> FindLastAsync(string project, string model, string tag, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<VersionRow>(
            $"select {Columns} {From} where v.project = @project and m.name = @model and v.tag = @tag order by v.version desc limit 1",
            new { project, model, tag },
            cancellationToken);

    /// <summary>The versions of a source that could not be copied or scanned.</summary>
    internal Task<IReadOnlyList<Guid>> ListFailedAsync(Guid sourceId, CancellationToken cancellationToken) =>
        database.QueryAsync<Guid>("select id from model_versions where source_id = @sourceId and state = 'failed'", new { sourceId }, cancellationToken);

    /// <summary>The version, locked until the transaction ends.</summary>
    internal Task<VersionRow?> LockAsync(DatabaseTransaction transaction, string project, Guid id, CancellationToken cancellationToken) =>
        transaction.FirstOrDefaultAsync<VersionRow>(
            $"select {Columns} {From} where v.project = @project and v.id = @id for update of v", new { project, id }, cancellationToken);

    /// <summary>
    /// The version and all of its project that have its bytes, locked until the transaction ends; none when there is no such version. In one order, so that
    /// two who lock them wait for each other once.
    /// </summary>
    internal Task<IReadOnlyList<VersionRow>> LockSameBytesAsync(DatabaseTransaction transaction, string project, Guid id, CancellationToken cancellationToken) =>
        transaction.QueryAsync<VersionRow>(
            $"""
            select {Columns} {From}
            where v.project = @project and (v.id = @id or v.digest = (select digest from model_versions where project = @project and id = @id))
            order by v.id
            for update of v
            """,
            new { project, id },
            cancellationToken);

    /// <summary>The versions by which these bytes are revoked in the project.</summary>
    internal Task<IReadOnlyList<VersionRow>> ListRevokedAsync(string project, string? digest, CancellationToken cancellationToken) =>
        database.QueryAsync<VersionRow>(Revoked, new { project, digest }, cancellationToken);

    internal Task<IReadOnlyList<VersionRow>> ListRevokedAsync(DatabaseTransaction transaction, string project, string? digest, CancellationToken cancellationToken) =>
        transaction.QueryAsync<VersionRow>(Revoked, new { project, digest }, cancellationToken);

    /// <summary>Inserts the version under the model's next number, which it answers. The model must be locked.</summary>
    internal Task<int> InsertAsync(DatabaseTransaction transaction, VersionRow version, CancellationToken cancellationToken) =>
        transaction.FirstOrDefaultAsync<int>(
            """
            insert into model_versions (id, model_id, project, version, tag, state, size_bytes, author, source_changed_by, source_id, source_path, created_at)
            select @Id, @ModelId, @Project, coalesce(max(version), 0) + 1, @Tag, 'discovered', @SizeBytes, @Author, @SourceChangedBy, @SourceId, @SourcePath, @CreatedAt
            from model_versions where model_id = @ModelId
            returning version
            """,
            version,
            cancellationToken);

    /// <summary>Claims the oldest version that waits in this state and that nobody works on.</summary>
    internal Task<VersionRow?> ClaimAsync(string state, Guid lease, DateTimeOffset now, DateTimeOffset until, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<VersionRow>(
            $"""
            update model_versions as v set lease_id = @lease, lease_until = @until, attempts = v.attempts + 1
            from models as m
            where m.id = v.model_id and v.id = (
              select id from model_versions
              where state = @state and (lease_until is null or lease_until < @now) and (retry_at is null or retry_at <= @now)
              order by id
              for update skip locked
              limit 1)
            returning {Columns}
            """,
            new { state, lease, now, until },
            cancellationToken);

    internal async Task<bool> RenewAsync(Guid id, Guid? lease, DateTimeOffset until, CancellationToken cancellationToken) =>
        await database.ExecuteAsync("update model_versions set lease_until = @until where id = @id and lease_id = @lease", new { id, lease, until }, cancellationToken) == 1;

    /// <summary>Gives the claim back to be tried again later; the reason is shown meanwhile.</summary>
    internal Task PostponeAsync(VersionRow claimed, string reason, DateTimeOffset retryAt, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            """
            update model_versions set reason = @reason, retry_at = @retryAt, lease_id = null, lease_until = null
            where id = @Id and state = @State and lease_id = @LeaseId
            """,
            new { claimed.Id, claimed.State, claimed.LeaseId, reason, retryAt },
            cancellationToken);

    /// <summary>Moves a claimed version on. False when the claim was lost.</summary>
    internal async Task<bool> AdvanceAsync(DatabaseTransaction transaction, VersionRow claimed, VersionRow next, CancellationToken cancellationToken) =>
        await transaction.ExecuteAsync(
            """
            update model_versions set state = @State, reason = @Reason, digest = @Digest, object_key = @ObjectKey, size_bytes = @SizeBytes, parts = @Parts::jsonb,
                   metadata = @Metadata::jsonb, source_changed_by = @SourceChangedBy, attempts = 0, retry_at = null, lease_id = null, lease_until = null
            where id = @Id and state = @was and lease_id = @LeaseId
            """,
            new { next.Id, next.State, next.Reason, next.Digest, next.ObjectKey, next.SizeBytes, next.Parts, next.Metadata, next.SourceChangedBy, was = claimed.State, claimed.LeaseId },
            cancellationToken) == 1;

    /// <summary>Decides about a version. False when it is in another state by now.</summary>
    internal async Task<bool> DecideAsync(DatabaseTransaction transaction, Guid id, string from, string to, string? reason, CancellationToken cancellationToken) =>
        await transaction.ExecuteAsync(
            "update model_versions set state = @to, reason = @reason, revoked_by = null, revoked_at = null where id = @id and state = @from", new { id, from, to, reason }, cancellationToken) == 1;

    /// <summary>Withdraws the approval of a version, which must be locked, for the reason of the revoked one.</summary>
    internal Task RevokeAsync(DatabaseTransaction transaction, Guid id, VersionRow revoked, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            "update model_versions set state = @State, reason = @Reason, revoked_by = @RevokedBy, revoked_at = @RevokedAt where id = @id and state = 'approved'",
            new { id, revoked.State, revoked.Reason, revoked.RevokedBy, revoked.RevokedAt },
            cancellationToken);

    internal Task<IReadOnlyList<StateCount>> CountByStateAsync(CancellationToken cancellationToken) =>
        database.QueryAsync<StateCount>("select state, count(*) as count from model_versions group by state", null, cancellationToken);
}
