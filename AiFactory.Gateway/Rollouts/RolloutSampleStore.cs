using AiFactory.Contracts.Library;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.Gateway.Rollouts;

/// <summary>
/// Reads the ledger for rollouts. What came from a cache, what was refused for what was asked or for its place in a queue, and what a gateway's end cut off say nothing of a model. Who left says
/// something only where nothing had come, for longer than nearly all answers take. Of each deployment the newest are read, so that a long step costs no more than a short one.
/// </summary>
internal sealed class RolloutSampleStore(Database database)
{
    /// <summary>As the library's bound on the requests of a step.</summary>
    private const int Most = 100_000;

    /// <summary>How long who leaves has waited in vain, where no answers of the baseline are known.</summary>
    private static readonly TimeSpan UsualPatience = TimeSpan.FromSeconds(30);

    /// <summary>Of requests for a name, what each of these deployments did in a step, which is known by when it began and not by the clocks of gateways. One that another deployment had to answer is a failure of the one that was chosen.</summary>
    internal Task<IReadOnlyList<RolloutSampleRow>> InStepAsync(string name, Guid[] variants, DateTimeOffset step, RolloutSample before, CancellationToken cancellationToken) =>
        database.QueryAsync<RolloutSampleRow>(
            """
            select chosen.variant,
              count(*) filter (where seen.outcome <> 'client-left') as requests,
              count(*) filter (where seen.outcome <> 'client-left' and (seen.outcome <> 'answered' or seen.deployment_id is distinct from chosen.variant)) as failures,
              count(*) filter (where seen.outcome = 'client-left') as given_up,
              percentile_cont(array[0.5, 0.95, 0.99]) within group (order by seen.total_micros) filter (where seen.outcome = 'answered' and seen.deployment_id = chosen.variant) as micros
            from unnest(@variants) as chosen (variant)
            cross join lateral (
              select outcome, deployment_id, total_micros
              from usage
              where requested_model = @name and variant = chosen.variant and rollout_step = @step and coalesce(cache, '') not in ('hit', 'semantic')
                and (outcome in ('answered', 'failed', 'deadline') or (outcome = 'client-left' and first_token_micros is null and total_micros > @patience))
                and coalesce(error, '') not in ('queue_full', 'queue_deadline', 'upstream_overloaded', 'deadline_exceeded')
              order by at desc
              limit @Most
            ) as seen
            group by chosen.variant
            """,
            new { name, variants, step, Most, patience = Micros(before.P99 is { } seconds ? TimeSpan.FromSeconds(seconds) : UsualPatience) },
            cancellationToken);

    /// <summary>Of requests for a name, what this deployment did in that time, when there may have been no policy yet.</summary>
    internal async Task<IReadOnlyList<RolloutSampleRow>> BetweenAsync(string name, Guid variant, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken) =>
        await database.QueryAsync<RolloutSampleRow>(
            """
            with seen as (
              select outcome, deployment_id, total_micros, first_token_micros
              from usage
              where requested_model = @name and at >= @from and at < @to and coalesce(variant, deployment_id) = @variant and coalesce(cache, '') not in ('hit', 'semantic')
                and outcome in ('answered', 'failed', 'deadline', 'client-left')
                and coalesce(error, '') not in ('queue_full', 'queue_deadline', 'upstream_overloaded', 'deadline_exceeded')
              order by at desc
              limit @Most
            ),
            usual as (select coalesce(percentile_cont(0.99) within group (order by total_micros), @patience) as micros from seen where outcome = 'answered' and deployment_id = @variant)
            select @variant as variant,
              count(*) filter (where outcome <> 'client-left') as requests,
              count(*) filter (where outcome <> 'client-left' and (outcome <> 'answered' or deployment_id is distinct from @variant)) as failures,
              count(*) filter (where outcome = 'client-left' and first_token_micros is null and total_micros > usual.micros) as given_up,
              percentile_cont(array[0.5, 0.95, 0.99]) within group (order by total_micros) filter (where outcome = 'answered' and deployment_id = @variant) as micros
            from seen cross join usual
            """,
            new { name, variant, from, to, Most, patience = (double)Micros(UsualPatience) },
            cancellationToken);

    private static long Micros(TimeSpan span) => span.Ticks / TimeSpan.TicksPerMicrosecond;
}
