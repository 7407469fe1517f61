using AiFactory.Gateway.Usage;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.Gateway.Variants;

internal sealed class VariantStore(Database database)
{
    /// <summary>Below it the outermost of the values do not bound even the median with 95 %.</summary>
    internal const int LeastForBounds = 6;

    /// <summary>
    /// What each variant did with requests for a name. A percentile p of n values lies with 95 % between those whose ranks are 1.96 sqrt(n p (1 - p)) before and behind it, whatever the values are
    /// like; the ranks are shares here.
    /// </summary>
    internal Task<IReadOnlyList<VariantRow>> CompareAsync(string name, UsageFilter filter, CancellationToken cancellationToken) =>
        database.QueryAsync<VariantRow>(
            """
            with judged as (
              select u.variant, u.subject, u.deployment, s.score,
                u.outcome = 'answered' and u.deployment_id = u.variant as good,
                u.total_micros::double precision as whole, u.first_token_micros::double precision as first,
                u.prompt_tokens::double precision as prompt, u.completion_tokens::double precision as completion, u.cost_micros::double precision as cost
              from usage as u
              left join scores as s on s.project = u.project and s.request_id = u.request_id
              where u.requested_model = @name and u.variant is not null and u.at >= @From and u.at < @To
                and (@Project::text is null or u.project = @Project)
                and u.outcome in ('answered', 'failed', 'deadline') and coalesce(u.cache, '') not in ('hit', 'semantic')
            ),
            counted as (
              select *,
                greatest(1, count(*) filter (where good) over (partition by variant)) as answers,
                greatest(1, count(first) filter (where good) over (partition by variant)) as streams
              from judged
            )
            select variant,
              max(deployment) filter (where good) as name,
              count(*) as requests,
              count(*) filter (where not good) as failures,
              count(distinct subject) as callers,
              count(*) filter (where good) as answered,
              count(first) filter (where good) as streamed,
              array_replace(array[
                avg(whole) filter (where good), stddev_samp(whole) filter (where good),
                percentile_cont(0.5) within group (order by whole) filter (where good),
                percentile_cont(0.95) within group (order by whole) filter (where good),
                percentile_disc(greatest(0, 0.5 - 1.96 * sqrt(0.25 / answers))) within group (order by whole) filter (where good),
                percentile_disc(least(1, 0.5 + 1.96 * sqrt(0.25 / answers))) within group (order by whole) filter (where good),
                percentile_disc(greatest(0, 0.95 - 1.96 * sqrt(0.0475 / answers))) within group (order by whole) filter (where good),
                percentile_disc(least(1, 0.95 + 1.96 * sqrt(0.0475 / answers))) within group (order by whole) filter (where good)], null, 'NaN') as whole,
              array_replace(array[
                avg(first) filter (where good), stddev_samp(first) filter (where good),
                percentile_cont(0.5) within group (order by first) filter (where good),
                percentile_cont(0.95) within group (order by first) filter (where good),
                percentile_disc(greatest(0, 0.5 - 1.96 * sqrt(0.25 / streams))) within group (order by first) filter (where good),
                percentile_disc(least(1, 0.5 + 1.96 * sqrt(0.25 / streams))) within group (order by first) filter (where good),
                percentile_disc(greatest(0, 0.95 - 1.96 * sqrt(0.0475 / streams))) within group (order by first) filter (where good),
                percentile_disc(least(1, 0.95 + 1.96 * sqrt(0.0475 / streams))) within group (order by first) filter (where good)], null, 'NaN') as first,
              avg(prompt) filter (where good) as prompt_mean, stddev_samp(prompt) filter (where good) as prompt_deviation, count(prompt) filter (where good) as prompt_count,
              avg(completion) filter (where good) as completion_mean, stddev_samp(completion) filter (where good) as completion_deviation, count(completion) filter (where good) as completion_count,
              avg(cost) filter (where good) as cost_mean, stddev_samp(cost) filter (where good) as cost_deviation, count(cost) filter (where good) as cost_count,
              avg(score) filter (where good) as score_mean, stddev_samp(score) filter (where good) as score_deviation, count(score) filter (where good) as score_count
            from counted
            group by variant, answers, streams
            """,
            new { name, filter.From, filter.To, filter.Project },
            cancellationToken);

    /// <summary>The last word counts.</summary>
    internal Task ScoreAsync(string project, string requestId, double score, string saidBy, DateTimeOffset at, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            """
            insert into scores (project, request_id, score, said_by, at) values (@project, @requestId, @score, @saidBy, @at)
            on conflict (project, request_id) do update set score = excluded.score, said_by = excluded.said_by, at = excluded.at
            """,
            new { project, requestId, score, saidBy, at },
            cancellationToken);

    /// <summary>Deletes some of what is older; answers how many.</summary>
    internal Task<int> DeleteBeforeAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            "delete from scores where (project, request_id) in (select project, request_id from scores where at < @before order by at limit @limit)", new { before, limit }, cancellationToken);
}
