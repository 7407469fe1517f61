using AiFactory.ServiceDefaults.Postgres;
using Dapper;
using Npgsql;

namespace AiFactory.Gateway.Metering;

internal sealed class UsageStore(Database database)
{
    private static readonly string Names = string.Join(", ", UsageColumn.All.Select(column => column.Name));

    private static readonly string Copy = $"copy usage ({Names}) from stdin (format binary)";

    private static readonly string Insert =
        $"""
        insert into usage ({Names})
        select * from unnest({string.Join(", ", UsageColumn.All.Select(column => $"@{column.Name}::{column.Type}[]"))})
        on conflict (id) do nothing
        returning id
        """;

    /// <summary>Adds those that the ledger does not have yet. It seldom has one, so they are copied, which costs the database a fraction; only a batch that has been there is looked at row by row.</summary>
    internal async Task InsertAsync(IReadOnlyCollection<UsageRow> rows, CancellationToken cancellationToken)
    {
        try
        {
            await CopyAsync(rows, cancellationToken);
        }
        catch (PostgresException refused) when (refused.SqlState is PostgresErrorCodes.UniqueViolation
            or PostgresErrorCodes.InvalidBinaryRepresentation or PostgresErrorCodes.BadCopyFileFormat or PostgresErrorCodes.ProtocolViolation) // a newer gateway has given a column another type
        {
            await InsertNewAsync([.. rows], cancellationToken);
        }
    }

    private async Task CopyAsync(IReadOnlyCollection<UsageRow> rows, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(cancellationToken);
        await transaction.CopyAsync(Copy, rows, WriteAsync, cancellationToken);
        await ChargeAsync(transaction, rows, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static async Task WriteAsync(NpgsqlBinaryImporter import, UsageRow row, CancellationToken cancellationToken)
    {
        foreach (var column in UsageColumn.All)
        {
            await column.WriteAsync(import, row, cancellationToken);
        }
    }

    private async Task InsertNewAsync(UsageRow[] rows, CancellationToken cancellationToken)
    {
        var values = new DynamicParameters();
        foreach (var column in UsageColumn.All)
        {
            values.Add(column.Name, column.Of(rows));
        }

        await using var transaction = await database.BeginAsync(cancellationToken);
        var added = (await transaction.QueryAsync<Guid>(Insert, values, cancellationToken)).ToHashSet();
        await ChargeAsync(transaction, rows.Where(row => added.Remove(row.Id)), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>What a record takes of limits is counted when the ledger takes it, and so as often: once.</summary>
    private static async Task ChargeAsync(DatabaseTransaction transaction, IEnumerable<UsageRow> added, CancellationToken cancellationToken)
    {
        var charges = added.SelectMany(row => row.Charges ?? []).ToArray();
        if (charges.Length == 0)
        {
            return;
        }

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

    internal Task InsertPricesAsync(string version, string currency, string prices, DateTimeOffset at, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            """
            insert into price_tables (version, currency, prices, first_used_at) values (@version, @currency, @prices::jsonb, @at)
            on conflict (version) do nothing
            """,
            new { version, currency, prices, at },
            cancellationToken);
}
