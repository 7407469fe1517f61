using System.Text.Json;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.Gateway.Rollouts;

/// <summary>
/// What each gateway alone knows, told by all to all: so whoever tells the library tells it of all of them. Only the database's clock is in it; what a gateway measures itself is how long ago
/// something was.
/// </summary>
internal sealed class GatewayMarkStore(Database database)
{
    /// <summary>Who was silent for longer holds nobody up: what lies in its outbox comes when it comes back, or never.</summary>
    internal static readonly TimeSpan Gone = TimeSpan.FromMinutes(2);

    internal async Task<DateTimeOffset> NowAsync(CancellationToken cancellationToken) => (await TimeAsync(cancellationToken)).Now;

    /// <summary>The clock is read first: whoever marks in between has delivered more than is said.</summary>
    internal async Task<LedgerTimeRow> TimeAsync(CancellationToken cancellationToken) =>
        await database.FirstOrDefaultAsync<LedgerTimeRow>(
            "select now() as now, (select min(delivered) from gateway_marks where at > now() - @Gone) as delivered", new { Gone }, cancellationToken)
        ?? throw new InvalidOperationException("A query without a table has one row.");

    internal Task MarkAsync(Guid gateway, DateTimeOffset delivered, IReadOnlyList<HangingRow> hanging, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            """
            with gone as (delete from gateway_marks where at < now() - interval '1 day' and gateway <> @gateway)
            insert into gateway_marks (gateway, at, delivered, hanging) values (@gateway, now(), @delivered, @hanging::jsonb)
            on conflict (gateway) do update set at = excluded.at, delivered = excluded.delivered, hanging = excluded.hanging
            """,
            new { gateway, delivered, hanging = JsonSerializer.Serialize(hanging, JsonSerializerOptions.Web) },
            cancellationToken);

    /// <summary>What hangs in a step, on all gateways that said so lately: of one that has ended nothing hangs any more.</summary>
    internal Task<IReadOnlyList<HangingRow>> HangingAsync(DateTimeOffset step, TimeSpan lately, CancellationToken cancellationToken) =>
        database.QueryAsync<HangingRow>(
            """
            select h.step, h.variant, sum(h.count)::bigint as count
            from gateway_marks as m
            cross join lateral jsonb_to_recordset(m.hanging) as h (step timestamptz, variant uuid, count bigint)
            where m.at > now() - @lately and h.step = @step
            group by h.step, h.variant
            """,
            new { step, lately },
            cancellationToken);
}
