using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.ModelLibrary.References;

internal static class ReferenceStore
{
    /// <summary>Who names these, as the transaction has it: policies of their project by name, rules of any project by id. One that was saved before rules had ids has a name only, which its project's own answer to. Rules that judge nothing, switched off or of a deployment that is gone, need no judge.</summary>
    internal static Task<IReadOnlyList<ReferenceRow>> ListAsync(DatabaseTransaction transaction, string project, IReadOnlyCollection<LostTarget> targets, CancellationToken cancellationToken) =>
        transaction.QueryAsync<ReferenceRow>(
            """
            with lost (id, name) as (select * from unnest(@ids, @names)),
            policies (name, traffic, cache) as (
              select name, traffic, cache from deployments where project = @project
              union all
              select name, traffic, cache from upstream_models where project = @project
            ),
            found (id, name, kind, by, project, deployment) as (
              select lost.id, lost.name, named.kind, policies.name, @project::text, null::text
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
              select lost.id, lost.name, 'judge', rule ->> 'name', guardrails.project, guardrails.deployment
              from lost
              cross join guardrails
              cross join lateral jsonb_array_elements(guardrails.rules) as rule
              where (rule ->> 'judgeId' = lost.id::text or (rule ->> 'judgeId' is null and rule ->> 'judge' = lost.name and coalesce(guardrails.project, @project) = @project))
                and coalesce((rule ->> 'enabled')::boolean, true)
                and (guardrails.deployment is null
                  or exists (select 1 from deployments as d where d.project = guardrails.project and d.name = guardrails.deployment)
                  or exists (select 1 from upstream_models as m where m.project = guardrails.project and m.name = guardrails.deployment))
            )
            select id as target, name, kind, by, project, deployment from found order by name, kind desc, project nulls first, deployment nulls first, by
            """,
            new { project, ids = targets.Select(target => target.Id).ToArray(), names = targets.Select(target => target.Name).ToArray() },
            cancellationToken);
}
