using Microsoft.Extensions.Logging;
using Npgsql;

namespace AiFactory.ServiceDefaults.Postgres;

/// <summary>Creates the database of a connection string when the server does not have it.</summary>
public sealed partial class DatabaseCreator(string connectionString, ILogger<DatabaseCreator> logger)
{
    public async Task EnsureCreatedAsync(CancellationToken cancellationToken)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        if (settings.Database is not { Length: > 0 } name || await ExistsAsync(settings, cancellationToken))
        {
            return;
        }

        // A database can only be created from another one; every server has "postgres".
        var server = new NpgsqlConnectionStringBuilder(connectionString) { Database = "postgres", Pooling = false };
        await using var connection = new NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        // A name cannot be a parameter: it is quoted instead.
        command.CommandText = $"create database {new NpgsqlCommandBuilder().QuoteIdentifier(name)}";
        try
        {
            await command.ExecuteNonQueryAsync(cancellationToken);
            LogCreated(logger, name);
        }
        catch (PostgresException error) when (error.SqlState is PostgresErrorCodes.DuplicateDatabase or PostgresErrorCodes.UniqueViolation)
        {
            // Another replica was first.
        }
    }

    private static async Task<bool> ExistsAsync(NpgsqlConnectionStringBuilder settings, CancellationToken cancellationToken)
    {
        var probe = new NpgsqlConnectionStringBuilder(settings.ConnectionString) { Pooling = false };
        await using var connection = new NpgsqlConnection(probe.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return true;
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.InvalidCatalogName)
        {
            return false;
        }
    }

    [LoggerMessage(6102, LogLevel.Information, "Created database {Name}")]
    private static partial void LogCreated(ILogger logger, string name);
}
