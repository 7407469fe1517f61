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
