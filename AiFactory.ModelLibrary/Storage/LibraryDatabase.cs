using System.Data;
using Dapper;
using Npgsql;

namespace AiFactory.ModelLibrary.Storage;

/// <summary>The library's database: reads on a connection of their own, writes in a <see cref="LibraryTransaction"/>.</summary>
internal sealed class LibraryDatabase(NpgsqlDataSource source)
{
    internal async Task<IReadOnlyList<T>> QueryAsync<T>(string sql, object? values, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        return (await connection.QueryAsync<T>(new CommandDefinition(sql, values, cancellationToken: cancellationToken))).AsList();
    }

    internal async Task<T?> FirstOrDefaultAsync<T>(string sql, object? values, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        return await connection.QueryFirstOrDefaultAsync<T>(new CommandDefinition(sql, values, cancellationToken: cancellationToken));
    }

    /// <summary>One statement that needs no transaction around it; answers the rows that it changed.</summary>
    internal async Task<int> ExecuteAsync(string sql, object? values, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        return await connection.ExecuteAsync(new CommandDefinition(sql, values, cancellationToken: cancellationToken));
    }

    internal async Task<LibraryTransaction> BeginAsync(CancellationToken cancellationToken)
    {
        var connection = await source.OpenConnectionAsync(cancellationToken);
        try
        {
            return new LibraryTransaction(connection, await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken));
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
