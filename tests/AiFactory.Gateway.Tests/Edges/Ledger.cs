using System.Runtime.CompilerServices;
using AiFactory.Gateway.Metering;
using AiFactory.Testing.Postgres;
using Dapper;
using Npgsql;

namespace AiFactory.Gateway.Tests.Edges;

/// <summary>The gateway's database as a test reads it.</summary>
internal sealed class Ledger(string connectionString) : IAsyncDisposable
{
    private readonly NpgsqlDataSource _source = NpgsqlDataSource.Create(connectionString);

    public string ConnectionString => connectionString;

    public (string, string) Setting => ("ConnectionStrings:gatewaydb", connectionString);

    public static async Task<Ledger> CreateAsync(PostgresFixture postgres)
    {
        DefaultTypeMap.MatchNamesWithUnderscores = true;
        return new Ledger(await postgres.CreateDatabaseAsync(typeof(Program).Assembly, TestContext.Current.CancellationToken));
    }

    /// <summary>By when they began.</summary>
    public async Task<IReadOnlyList<UsageRow>> RowsAsync()
    {
        try
        {
            await using var connection = await _source.OpenConnectionAsync(TestContext.Current.CancellationToken);
            return (await connection.QueryAsync<UsageRow>("select * from usage order by at, id")).AsList();
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            return []; // the migrations have not run
        }
    }

    public async Task<IReadOnlyList<UsageRow>> RowsAsync(int count) => await UntilAsync(rows => rows.Count >= count);

    public async Task<IReadOnlyList<UsageRow>> UntilAsync(Func<IReadOnlyList<UsageRow>, bool> condition, [CallerArgumentExpression(nameof(condition))] string? text = null)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var rows = await RowsAsync();
            if (condition(rows))
            {
                return rows;
            }

            limit.IsCancellationRequested.ShouldBeFalse($"it should have come true of {rows.Count} rows: {text}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();
}
