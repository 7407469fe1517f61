using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.Gateway.Rollouts;

/// <summary>Reads the ledger for rollouts. What came from a cache, what was refused for what was asked, and what a client left or a gateway's end cut off say nothing of a model.</summary>
internal sealed class RolloutSampleStore(Database database)
{
    /// <summary>Of requests for a name, what each of these deployments did since then. One that another deployment had to answer is a failure of the one that was chosen.</summary>
    internal Task<IReadOnlyList<RolloutSampleRow>> SinceAsync(string name, Guid[] variants, DateTimeOffset since, CancellationToken cancellationToken) =>
        database.QueryAsync<RolloutSampleRow>(
            """
            select variant,
              count(*) as requests,
              count(*) filter (where outcome <> 'answered' or deployment_id is distinct from variant) as failures,
              percentile_cont(array[0.5, 0.95, 0.99]) within group (order by total_micros) filter (where outcome = 'answered' and deployment_id = variant) as micros
            from usage
            where requested_model = @name and at >= @since and variant is not null and variant = any(@variants)
              and outcome in ('answered', 'failed', 'deadline') and coalesce(cache, '') not in ('hit', 'semantic')
            group by variant
            """,
            new { name, variants, since },
            cancellationToken);

    /// <summary>Of requests for a name, what this deployment did in that time, when there may have been no policy yet.</summary>
    internal async Task<IReadOnlyList<RolloutSampleRow>> BetweenAsync(string name, Guid variant, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken) =>
        await database.QueryAsync<RolloutSampleRow>(
            """
            select @variant as variant,
              count(*) as requests,
              count(*) filter (where outcome <> 'answered' or deployment_id is distinct from @variant) as failures,
              percentile_cont(array[0.5, 0.95, 0.99]) within group (order by total_micros) filter (where outcome = 'answered' and deployment_id = @variant) as micros
            from usage
            where requested_model = @name and at >= @from and at < @to and coalesce(variant, deployment_id) = @variant
              and outcome in ('answered', 'failed', 'deadline') and coalesce(cache, '') not in ('hit', 'semantic')
            """,
            new { name, variant, from, to },
            cancellationToken);
}
