using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.ModelLibrary.ApprovedModels;

internal sealed class ApprovedModelStore(Database database)
{
    /// <summary>What these projects have approved, and what of it is revoked, with who decided and why.</summary>
    internal Task<IReadOnlyList<ApprovedModelRow>> ListAsync(string[] projects, CancellationToken cancellationToken) =>
        database.QueryAsync<ApprovedModelRow>(
            """
            select v.project, m.name as model, v.version, v.tag, v.state, v.digest, v.size_bytes, v.metadata::text as metadata, v.parts::text as parts, v.created_at,
                   approval.actor as approved_by, approval.at as approved_at, approval.detail as comment,
                   v.reason, v.revoked_by, v.revoked_at
            from model_versions as v
            join models as m on m.id = v.model_id
            left join lateral (
              select actor, at, detail from evidence
              where version_id = v.id and stage = 'approval' and outcome = 'approved'
              order by sequence desc
              limit 1) as approval on true
            where v.project = any(@projects) and v.state in ('approved', 'revoked')
            order by v.project, m.name, v.version
            """,
            new { projects },
            cancellationToken);
}
