using AiFactory.Contracts.Library;
using AiFactory.ModelLibrary.Auditing;
using AiFactory.ModelLibrary.Models;
using AiFactory.ModelLibrary.Sources;
using AiFactory.ModelLibrary.Storage;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.ModelLibrary.Sync;

/// <summary>Makes an artifact a version of its model, in state discovered.</summary>
internal sealed class Discovery(
    Database database, ModelStore models, VersionStore versions, EvidenceStore evidence, ArtifactStore artifacts, AuditLog audit, TimeProvider time)
{
    internal async Task AddAsync(SourceRow source, SyncRow sync, SourceArtifact artifact, IReadOnlyList<ArtifactRow> seen, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();

        // Who brings a version in is who asked for the sync; for the scheduled ones, who made the source.
        var author = sync.RequestedBy == SyncService.Schedule ? source.CreatedBy : sync.RequestedBy;
        await using var transaction = await database.BeginAsync(cancellationToken);
        var model = await models.LockOrInsertAsync(
            transaction,
            new ModelRow { Id = Guid.CreateVersion7(now), Project = source.Project, Name = artifact.Model, CreatedAt = now },
            cancellationToken);
        var version = new VersionRow
        {
            Id = Guid.CreateVersion7(now),
            ModelId = model.Id,
            Project = source.Project,
            Model = model.Name,
            Version = 0,
            Tag = artifact.Tag,
            State = ModelVersionStates.Discovered,
            SizeBytes = artifact.Size,
            Author = author,
            SourceChangedBy = [source.ChangedBy],
            SourceId = source.Id,
            SourcePath = artifact.Path,
            CreatedAt = now,
            Attempts = 0,
        };
        var number = await versions.InsertAsync(transaction, version, cancellationToken);
        await artifacts.SaveAsync(transaction, seen.Select(file => file with { VersionId = version.Id }), cancellationToken);
        await evidence.AppendAsync(
            transaction,
            new EvidenceRow
            {
                VersionId = version.Id,
                Stage = EvidenceStages.Discovered,
                Outcome = EvidenceStages.Passed,
                Detail = $"Found as {artifact.Path}{Rest(artifact.Files.Count - 1)} ({artifact.Size} bytes) in source {source.Name}; its rules let it in (names: {source.NamePattern ?? "all"}, tags: {source.TagFilter ?? "all"}).",
                Actor = author,
                At = now,
            },
            cancellationToken);
        await audit.AppendAsync(
            transaction,
            new AuditEntry(source.Project, author, "model.discovered", $"model-version/{version.Id}")
            {
                After = new { model = model.Name, version = number, tag = artifact.Tag, source = source.Name, path = artifact.Path, files = artifact.Files.Count, sizeBytes = artifact.Size },
            },
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static string Rest(int files) => files switch { 0 => "", 1 => " and the other file of it", _ => $" and the other {files} files of it" };
}
