using AiFactory.Gateway.Metering;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.Gateway.Usage;

internal sealed class UsageReportStore(Database database)
{
    /// <summary>The sums over all groups, always first, and one page of the groups: one statement sees one moment. Sums are numeric, for no server bounds what it counts.</summary>
    internal Task<IReadOnlyList<UsageGroupRow>> GroupAsync(UsageFilter filter, UsageGrouping by, int skip, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<UsageGroupRow>(
            """
            with groups as (
              select
                case when @byProject then project end as project,
                case when @byKey then key_id end as key,
                case when @byUser then subject end as "user",
                case when @byModel then coalesce(model, requested_model) end as model,
                case when @byDeployment then deployment end as deployment,
                case when @byOperation then operation end as operation,
                case when @byOutcome then outcome end as outcome,
                case when @period::text is not null then date_trunc(@period, at, 'UTC') end as period,
                count(*) as requests,
                count(*) filter (where outcome = 'answered') as answered,
                coalesce(sum(prompt_tokens), 0) as prompt_tokens,
                coalesce(sum(cached_tokens), 0) as cached_tokens,
                coalesce(sum(completion_tokens), 0) as completion_tokens,
                count(*) filter (where estimated) as estimated,
                coalesce(sum(cost_micros), 0) as cost_micros,
                count(*) filter (where cost_micros is null) as unpriced,
                count(*) filter (where cache in ('hit', 'semantic')) as cache_hits,
                coalesce(sum(images), 0) as images,
                coalesce(sum(greatest(completion_tokens - 1, 0)) filter (where first_token_micros is not null), 0) as streamed_tokens,
                coalesce(sum(total_micros - first_token_micros) filter (where completion_tokens is not null), 0) as streamed_micros
              from usage
              where at >= @From and at < @To
                and (@Project::text is null or project = @Project)
                and (@Key::uuid is null or key_id = @Key)
                and (@User::text is null or subject = @User)
                and (@Model::text is null or coalesce(model, requested_model) = @Model)
                and (@Deployment::text is null or deployment = @Deployment)
                and (@Operation::text is null or operation = @Operation)
              group by 1, 2, 3, 4, 5, 6, 7, 8
            )
            select true as is_total, null as project, null::uuid as key, null as "user", null as model, null as deployment, null as operation, null as outcome, null::timestamptz as period,
              coalesce(sum(requests), 0)::bigint as requests,
              coalesce(sum(answered), 0)::bigint as answered,
              coalesce(sum(prompt_tokens), 0) as prompt_tokens,
              coalesce(sum(cached_tokens), 0) as cached_tokens,
              coalesce(sum(completion_tokens), 0) as completion_tokens,
              coalesce(sum(estimated), 0)::bigint as estimated,
              coalesce(sum(cost_micros), 0) as cost_micros,
              coalesce(sum(unpriced), 0)::bigint as unpriced,
              coalesce(sum(cache_hits), 0)::bigint as cache_hits,
              coalesce(sum(images), 0) as images,
              coalesce(sum(streamed_tokens), 0) as streamed_tokens,
              coalesce(sum(streamed_micros), 0) as streamed_micros
            from groups
            union all
            (select false, groups.* from groups order by period, project, key, "user", model, deployment, operation, outcome limit @limit offset @skip)
            order by is_total desc, period, project, key, "user", model, deployment, operation, outcome
            """,
            new
            {
                filter.From, filter.To, filter.Project, filter.Key, filter.User, filter.Model, filter.Deployment, filter.Operation,
                byProject = by.Has("project"), byKey = by.Has("key"), byUser = by.Has("user"), byModel = by.Has("model"), byDeployment = by.Has("deployment"),
                byOperation = by.Has("operation"), byOutcome = by.Has("outcome"), period = by.Period, skip, limit,
            },
            cancellationToken);

    /// <summary>The requests behind a place in time and id, oldest first.</summary>
    internal Task<IReadOnlyList<UsageRow>> ListAsync(UsageFilter filter, DateTimeOffset afterAt, Guid afterId, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<UsageRow>(
            """
            select id, at, project, key_id, subject, operation, requested_model, deployment, deployment_id, model, model_version, replica, request_id, stream, attempts,
              prompt_tokens, cached_tokens, completion_tokens, estimated, outcome, error, status, queued_micros, first_token_micros, total_micros, cost_micros, price_version, cache, guardrails, images, variant
            from usage
            where at >= @From and at < @To and (at, id) > (@afterAt, @afterId)
              and (@Project::text is null or project = @Project)
              and (@Key::uuid is null or key_id = @Key)
              and (@User::text is null or subject = @User)
              and (@Model::text is null or coalesce(model, requested_model) = @Model)
              and (@Deployment::text is null or deployment = @Deployment)
              and (@Operation::text is null or operation = @Operation)
            order by at, id
            limit @limit
            """,
            new { filter.From, filter.To, filter.Project, filter.Key, filter.User, filter.Model, filter.Deployment, filter.Operation, afterAt, afterId, limit },
            cancellationToken);

    /// <summary>Deletes some of what is older; answers how many.</summary>
    internal Task<int> DeleteBeforeAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            "delete from usage where id in (select id from usage where at < @before order by at, id limit @limit)", new { before, limit }, cancellationToken);
}
