using Aspire.Hosting.ApplicationModel;
using Npgsql;

namespace AiFactory.Hosting.Postgres;

/// <summary>Creates a server's databases.</summary>
internal static class PostgresDatabases
{
    public static async Task CreateAsync(PostgresServerResource server, CancellationToken cancellationToken)
    {
        var connectionString = new NpgsqlConnectionStringBuilder(await server.GetConnectionStringAsync(cancellationToken)) { Database = "postgres", Pooling = false };
        await using var connection = new NpgsqlConnection(connectionString.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        foreach (var database in server.Databases.Values)
        {
            await CreateAsync(connection, database, cancellationToken);
        }
    }

    private static async Task CreateAsync(NpgsqlConnection connection, string database, CancellationToken cancellationToken)
    {
        // A name cannot be a parameter of this statement; an identifier in quotes may hold anything.
        await using var command = new NpgsqlCommand($"create database \"{database.Replace("\"", "\"\"", StringComparison.Ordinal)}\"", connection);
        try
        {
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.DuplicateDatabase or PostgresErrorCodes.UniqueViolation)
        {
            // It is there: from an earlier run, or a service that was quicker this moment.
        }
    }
}
