using AiFactory.ModelLibrary.Storage;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.ModelLibrary.Sync;

/// <summary>What each source showed last.</summary>
internal sealed class ArtifactStore(Database database)
{
    private const string Columns = "source_id, path, size_bytes, modified_at, seen_at, version_id";

    internal Task<IReadOnlyList<ArtifactRow>> ListAsync(Guid sourceId, CancellationToken cancellationToken) =>
        database.QueryAsync<ArtifactRow>($"select {Columns} from source_artifacts where source_id = @sourceId", new { sourceId }, cancellationToken);

    internal Task SaveAsync(IEnumerable<ArtifactRow> files, CancellationToken cancellationToken) => database.ExecuteAsync(Upsert, files, cancellationToken);

    internal Task SaveAsync(DatabaseTransaction transaction, IEnumerable<ArtifactRow> files, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(Upsert, files, cancellationToken);

    internal Task RemoveAsync(Guid sourceId, string[] paths, CancellationToken cancellationToken) =>
        database.ExecuteAsync("delete from source_artifacts where source_id = @sourceId and path = any(@paths)", new { sourceId, paths }, cancellationToken);

    private const string Upsert =
        """
        insert into source_artifacts (source_id, path, size_bytes, modified_at, seen_at, version_id)
        values (@SourceId, @Path, @SizeBytes, @ModifiedAt, @SeenAt, @VersionId)
        on conflict (source_id, path) do update set
          size_bytes = excluded.size_bytes, modified_at = excluded.modified_at, seen_at = excluded.seen_at, version_id = excluded.version_id
        """;
}
