using Dapper;
using Npgsql;

namespace AiFactory.ServiceDefaults.Postgres;

/// <summary>A write: all of it is committed together or not at all. Disposed without <see cref="CommitAsync"/> it is rolled back.</summary>
public sealed class DatabaseTransaction(NpgsqlConnection connection, NpgsqlTransaction transaction) : IAsyncDisposable
{
    /// <summary>
    /// In milliseconds. A client that gives up on COPY leaves it waiting for a lock in the database, and one whose machine is gone leaves its rows half done, which keeps out who copies them again: the database has to
    /// give up by itself. The first is below the usual time limit of a command.
    /// </summary>
    private const string CopyLimits = "set local lock_timeout = 20000; set local idle_in_transaction_session_timeout = 60000";

    public async Task<IReadOnlyList<T>> QueryAsync<T>(string sql, object? values, CancellationToken cancellationToken) =>
        (await connection.QueryAsync<T>(Command(sql, values, cancellationToken))).AsList();

    public Task<T?> FirstOrDefaultAsync<T>(string sql, object? values, CancellationToken cancellationToken) =>
        connection.QueryFirstOrDefaultAsync<T>(Command(sql, values, cancellationToken));

    public Task<int> ExecuteAsync(string sql, object? values, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(Command(sql, values, cancellationToken));

    /// <param name="sql"><c>copy TABLE (COLUMNS) from stdin (format binary)</c>.</param>
    /// <param name="write">Writes the columns of a row, in their order.</param>
    public async Task CopyAsync<T>(string sql, IEnumerable<T> rows, Func<NpgsqlBinaryImporter, T, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        await ExecuteAsync(CopyLimits, null, cancellationToken);
        try
        {
            await using var import = await connection.BeginBinaryImportAsync(sql, cancellationToken);
            foreach (var row in rows)
            {
                await import.StartRowAsync(cancellationToken);
                await write(import, row, cancellationToken);
            }

            await import.CompleteAsync(cancellationToken);
        }
        catch (PostgresException) when (cancellationToken.IsCancellationRequested)
        {
            // What the database says to the end of it hides that it was cancelled.
            throw new OperationCanceledException(cancellationToken);
        }
    }

    public Task CommitAsync(CancellationToken cancellationToken) => transaction.CommitAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await transaction.DisposeAsync();
        await connection.DisposeAsync();
    }

    private CommandDefinition Command(string sql, object? values, CancellationToken cancellationToken) =>
        new(sql, values, transaction, cancellationToken: cancellationToken);
}
