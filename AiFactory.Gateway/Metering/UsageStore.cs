using AiFactory.ServiceDefaults.Postgres;
using Dapper;

namespace AiFactory.Gateway.Metering;

internal sealed class UsageStore(Database database)
{
    /// <summary>The table's columns, with what a row has there: one array of each is a parameter.</summary>
    private static readonly (string Name, string Type, Func<UsageRow[], Array> Values)[] Columns =
    [
        ("id", "uuid", rows => Array.ConvertAll(rows, row => row.Id)),
        ("at", "timestamptz", rows => Array.ConvertAll(rows, row => row.At)),
        ("project", "text", rows => Array.ConvertAll(rows, row => row.Project)),
        ("key_id", "uuid", rows => Array.ConvertAll(rows, row => row.KeyId)),
        ("subject", "text", rows => Array.ConvertAll(rows, row => row.Subject)),
        ("operation", "text", rows => Array.ConvertAll(rows, row => row.Operation)),
        ("requested_model", "text", rows => Array.ConvertAll(rows, row => row.RequestedModel)),
        ("deployment", "text", rows => Array.ConvertAll(rows, row => row.Deployment)),
        ("deployment_id", "uuid", rows => Array.ConvertAll(rows, row => row.DeploymentId)),
        ("model", "text", rows => Array.ConvertAll(rows, row => row.Model)),
        ("model_version", "integer", rows => Array.ConvertAll(rows, row => row.ModelVersion)),
        ("replica", "text", rows => Array.ConvertAll(rows, row => row.Replica)),
        ("request_id", "text", rows => Array.ConvertAll(rows, row => row.RequestId)),
        ("stream", "boolean", rows => Array.ConvertAll(rows, row => row.Stream)),
        ("attempts", "integer", rows => Array.ConvertAll(rows, row => row.Attempts)),
        ("prompt_tokens", "bigint", rows => Array.ConvertAll(rows, row => row.PromptTokens)),
        ("cached_tokens", "bigint", rows => Array.ConvertAll(rows, row => row.CachedTokens)),
        ("completion_tokens", "bigint", rows => Array.ConvertAll(rows, row => row.CompletionTokens)),
        ("estimated", "boolean", rows => Array.ConvertAll(rows, row => row.Estimated)),
        ("outcome", "text", rows => Array.ConvertAll(rows, row => row.Outcome)),
        ("error", "text", rows => Array.ConvertAll(rows, row => row.Error)),
        ("status", "integer", rows => Array.ConvertAll(rows, row => row.Status)),
        ("queued_micros", "bigint", rows => Array.ConvertAll(rows, row => row.QueuedMicros)),
        ("first_token_micros", "bigint", rows => Array.ConvertAll(rows, row => row.FirstTokenMicros)),
        ("total_micros", "bigint", rows => Array.ConvertAll(rows, row => row.TotalMicros)),
        ("cost_micros", "bigint", rows => Array.ConvertAll(rows, row => row.CostMicros)),
        ("price_version", "text", rows => Array.ConvertAll(rows, row => row.PriceVersion)),
        ("cache", "text", rows => Array.ConvertAll(rows, row => row.Cache)),
        ("guardrails", "text", rows => Array.ConvertAll(rows, row => row.Guardrails)),
        ("images", "bigint", rows => Array.ConvertAll(rows, row => row.Images)),
        ("variant", "uuid", rows => Array.ConvertAll(rows, row => row.Variant)),
        ("rollout_step", "timestamptz", rows => Array.ConvertAll(rows, row => row.RolloutStep)),
    ];

    private static readonly string Insert =
        $"""
        insert into usage ({string.Join(", ", Columns.Select(column => column.Name))})
        select * from unnest({string.Join(", ", Columns.Select(column => $"@{column.Name}::{column.Type}[]"))})
        on conflict (id) do nothing
        """;

    /// <summary>Adds those that the ledger does not have yet, in one statement.</summary>
    internal Task<int> InsertAsync(IReadOnlyCollection<UsageRow> rows, CancellationToken cancellationToken)
    {
        var (batch, values) = (rows.ToArray(), new DynamicParameters());
        foreach (var (name, _, of) in Columns)
        {
            values.Add(name, of(batch));
        }

        return rows.Any(row => row.Charges is not null) ? InsertAndChargeAsync(batch, values, cancellationToken) : database.ExecuteAsync(Insert, values, cancellationToken);
    }

    /// <summary>What a record takes of limits is counted when the ledger takes it, and so as often: once.</summary>
    private async Task<int> InsertAndChargeAsync(UsageRow[] batch, DynamicParameters values, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(cancellationToken);
        var added = (await transaction.QueryAsync<Guid>($"{Insert} returning id", values, cancellationToken)).ToHashSet();
        var charges = batch.Where(row => added.Remove(row.Id)).SelectMany(row => row.Charges ?? []).ToArray();
        if (charges.Length > 0)
        {
            await transaction.ExecuteAsync(
                "select charge_limits(@holders, @limits, @owners, @starts, @ends, @units)",
                new
                {
                    holders = Array.ConvertAll(charges, charge => charge.Holder), limits = Array.ConvertAll(charges, charge => charge.Limit),
                    owners = Array.ConvertAll(charges, charge => charge.Owner.Replace('\0', '\uFFFD')), starts = Array.ConvertAll(charges, charge => charge.StartsAt),
                    ends = Array.ConvertAll(charges, charge => charge.EndsAt == DateTimeOffset.MaxValue ? (DateTimeOffset?)null : charge.EndsAt), units = Array.ConvertAll(charges, charge => charge.Units),
                },
                cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return batch.Length;
    }

    internal Task InsertPricesAsync(string version, string currency, string prices, DateTimeOffset at, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            """
            insert into price_tables (version, currency, prices, first_used_at) values (@version, @currency, @prices::jsonb, @at)
            on conflict (version) do nothing
            """,
            new { version, currency, prices, at },
            cancellationToken);
}
