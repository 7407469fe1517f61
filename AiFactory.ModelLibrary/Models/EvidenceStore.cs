using AiFactory.ModelLibrary.Storage;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.ModelLibrary.Models;

internal sealed class EvidenceStore(Database database)
{
    internal Task AppendAsync(DatabaseTransaction transaction, EvidenceRow evidence, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            """
            insert into evidence (version_id, stage, outcome, detail, actor, at)
            values (@VersionId, @Stage, @Outcome, @Detail, @Actor, @At)
            """,
            evidence,
            cancellationToken);

    /// <summary>In the order in which it happened.</summary>
    internal Task<IReadOnlyList<EvidenceRow>> ListAsync(Guid[] versionIds, CancellationToken cancellationToken) =>
        database.QueryAsync<EvidenceRow>(
            """
            select sequence, version_id, stage, outcome, detail, actor, at from evidence
            where version_id = any(@versionIds)
            order by sequence
            """,
            new { versionIds },
            cancellationToken);
}
