using AiFactory.Gateway.Tests.Edges;
using Dapper;
using Npgsql;

namespace AiFactory.Gateway.Tests.Limits;

/// <summary>What the gateways' database has of limits.</summary>
internal static class LimitLedger
{
    /// <summary>Spent, and held by gateways beyond; of all limits together.</summary>
    public static async Task<(long Spent, long Held)> FiguresAsync(this Ledger ledger)
    {
        await using var connection = new NpgsqlConnection(ledger.ConnectionString);
        return await connection.QuerySingleAsync<(long, long)>(
            """
            select coalesce((select sum(spent) from limit_windows), 0)::bigint,
                   coalesce((select sum(greatest(granted - charged, 0)) from limit_leases), 0)::bigint
            """);
    }

    /// <summary>The gateways that hold something, or did and were not heard of for too short a time.</summary>
    public static async Task<Guid[]> HoldersAsync(this Ledger ledger)
    {
        await using var connection = new NpgsqlConnection(ledger.ConnectionString);
        return [.. await connection.QueryAsync<Guid>("select holder from limit_holders")];
    }

    /// <summary>As many owners as that have used a good part of it.</summary>
    public static async Task FillAsync(this Ledger ledger, Guid limit, int owners)
    {
        await using var connection = new NpgsqlConnection(ledger.ConnectionString);
        await connection.ExecuteAsync(
            "insert into limit_windows (limit_id, owner, starts_at, ends_at, spent) select @limit, 'user:' || i, '1970-01-01Z', 'infinity', 1000000 + i from generate_series(1, @owners) as i", new { limit, owners });
    }

    /// <summary>Until it is disposed the ledger takes no record.</summary>
    public static async Task<IAsyncDisposable> CloseAsync(this Ledger ledger)
    {
        var connection = new NpgsqlConnection($"{ledger.ConnectionString};Pooling=false");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await connection.ExecuteAsync("begin; lock table usage in access exclusive mode");
        return connection;
    }

    /// <summary>Waits until so much is spent and nothing is held for requests under way.</summary>
    public static async Task SpentAsync(this Ledger ledger, long spent)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (await ledger.FiguresAsync() is var (now, held) && now != spent)
        {
            limit.IsCancellationRequested.ShouldBeFalse($"{spent} should be spent: {now}, and {held} held");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
