using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.ModelLibrary.References;

internal static class ReferenceStore
{
    /// <summary>Who names these, as the transaction has it: policies of their project by name, rules of any project by id. One that was saved before rules had ids has a name only, which its project's own answer to.</summary>
    internal static Task<IReadOnlyList<ReferenceRow>> ListAsync(DatabaseTransaction transaction, string project, IReadOnlyCollection<LostTarget> targets, CancellationToken cancellationToken) =>
        transaction.QueryAsync<ReferenceRow>(
            """
            with lost (id, name) as (select * from unnest(@ids, @names)),
            policies (name, traffic, cache) as (
              select name, traffic, cache from deployments where project = @project
              union all
              select name, traffic, cache from upstream_models where project = @project
            ),
            found (id, name, kind, by, project) as (
              select lost.id, lost.name, named.kind, policies.name, @project::text
              from lost
              cross join policies
              cross join lateral (values
                ('split', policies.traffic -> 'splits' @> jsonb_build_array(jsonb_build_object('deployment', lost.name))),
                ('fallback', policies.traffic -> 'fallbacks' @> jsonb_build_array(lost.name)),
                ('shadow', policies.traffic -> 'shadow' ->> 'deployment' = lost.name),
                ('embeddings', policies.cache -> 'semantic' ->> 'embeddings' = lost.name)
              ) as named (kind, is_so)
              where named.is_so
              union all
              select lost.id, lost.name, 'judge', rule ->> 'name', guardrails.project
              from lost
              cross join guardrails
              cross join lateral jsonb_array_elements(guardrails.rules) as rule
              where rule ->> 'judgeId' = lost.id::text or (rule ->> 'judgeId' is null and rule ->> 'judge' = lost.name and coalesce(guardrails.project, @project) = @project)
            )
            select id as target, name, kind, by, project from found order by name, kind desc, project nulls first, by
            """,
            new { project, ids = targets.Select(target => target.Id).ToArray(), names = targets.Select(target => target.Name).ToArray() },
            cancellationToken);
}
