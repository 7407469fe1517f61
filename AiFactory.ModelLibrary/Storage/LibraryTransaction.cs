using Dapper;
using Npgsql;

namespace AiFactory.ModelLibrary.Storage;

/// <summary>A write: an act and its audit entry are committed together or not at all. Disposed without <see cref="CommitAsync"/> it is rolled back.</summary>
internal sealed class LibraryTransaction(NpgsqlConnection connection, NpgsqlTransaction transaction) : IAsyncDisposable
{
    internal async Task<IReadOnlyList<T>> QueryAsync<T>(string sql, object? values, CancellationToken cancellationToken) =>
        (await connection.QueryAsync<T>(Command(sql, values, cancellationToken))).AsList();

    internal Task<T?> FirstOrDefaultAsync<T>(string sql, object? values, CancellationToken cancellationToken) =>
        connection.QueryFirstOrDefaultAsync<T>(Command(sql, values, cancellationToken));

    internal Task<int> ExecuteAsync(string sql, object? values, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(Command(sql, values, cancellationToken));

    internal Task CommitAsync(CancellationToken cancellationToken) => transaction.CommitAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await transaction.DisposeAsync();
        await connection.DisposeAsync();
    }

    private CommandDefinition Command(string sql, object? values, CancellationToken cancellationToken) =>
        new(sql, values, transaction, cancellationToken: cancellationToken);
}
