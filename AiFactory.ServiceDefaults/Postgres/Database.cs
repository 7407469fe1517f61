using System.Data;
using System.Net.Sockets;
using Dapper;
using Npgsql;

namespace AiFactory.ServiceDefaults.Postgres;

/// <summary>A service's database: reads on a connection of their own, writes in a <see cref="DatabaseTransaction"/>.</summary>
public sealed class Database(NpgsqlDataSource source, TimeProvider timeProvider)
{
    /// <summary>
    /// How long a new connection that is refused, by a server that is being started again or a standby that takes over, is tried anew. A connection that breaks
    /// off is an error, and so is one that is opened on the data source itself.
    /// </summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(100);

    public async Task<IReadOnlyList<T>> QueryAsync<T>(string sql, object? values, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        return (await connection.QueryAsync<T>(new CommandDefinition(sql, values, cancellationToken: cancellationToken))).AsList();
    }

    public async Task<T?> FirstOrDefaultAsync<T>(string sql, object? values, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        return await connection.QueryFirstOrDefaultAsync<T>(new CommandDefinition(sql, values, cancellationToken: cancellationToken));
    }

    /// <summary>One statement that needs no transaction around it; answers the rows that it changed.</summary>
    public async Task<int> ExecuteAsync(string sql, object? values, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        return await connection.ExecuteAsync(new CommandDefinition(sql, values, cancellationToken: cancellationToken));
    }

    public async Task<DatabaseTransaction> BeginAsync(CancellationToken cancellationToken)
    {
        var connection = await OpenAsync(cancellationToken);
        try
        {
            return new DatabaseTransaction(connection, await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken));
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var began = timeProvider.GetTimestamp();
        while (true)
        {
            try
            {
                return await source.OpenConnectionAsync(cancellationToken);
            }
            catch (NpgsqlException exception) when (IsStarting(exception) && timeProvider.GetElapsedTime(began) < Patience)
            {
                await Task.Delay(Between, timeProvider, cancellationToken);
            }
        }
    }

    private static bool IsStarting(NpgsqlException exception) =>
        exception is PostgresException { SqlState: PostgresErrorCodes.CannotConnectNow } or { InnerException: SocketException { SocketErrorCode: SocketError.ConnectionRefused } };
}
