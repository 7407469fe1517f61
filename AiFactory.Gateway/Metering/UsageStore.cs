using System.Text.Json;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.Gateway.Metering;

internal sealed class UsageStore(Database database)
{
    /// <summary>Adds those that the ledger does not have yet, in one statement.</summary>
    internal Task<int> InsertAsync(IReadOnlyList<UsageRow> rows, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            """
            insert into usage (
              id, at, project, key_id, subject, operation, requested_model, deployment, deployment_id, model, model_version, replica, request_id, stream, attempts,
              prompt_tokens, cached_tokens, completion_tokens, estimated, outcome, error, status, queued_micros, first_token_micros, total_micros, cost_micros, price_version)
            select
              id, at, project, key_id, subject, operation, requested_model, deployment, deployment_id, model, model_version, replica, request_id, stream, attempts,
              prompt_tokens, cached_tokens, completion_tokens, estimated, outcome, error, status, queued_micros, first_token_micros, total_micros, cost_micros, price_version
            from json_populate_recordset(null::usage, @json::json)
            on conflict (id) do nothing
            """,
            new { json = JsonSerializer.Serialize(rows, UsageJson.Default.IReadOnlyListUsageRow) },
            cancellationToken);

    internal Task InsertPricesAsync(string version, string currency, string prices, DateTimeOffset at, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            """
            insert into price_tables (version, currency, prices, first_used_at) values (@version, @currency, @prices::jsonb, @at)
            on conflict (version) do nothing
            """,
            new { version, currency, prices, at },
            cancellationToken);
}
