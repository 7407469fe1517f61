using System.Data;
using Dapper;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace AiFactory.ServiceDefaults.Postgres;

/// <summary>Brings a database to the last migration. Several replicas may run it at once: an advisory lock lets one work and the others find it done.</summary>
internal sealed partial class MigrationRunner(NpgsqlDataSource database, IReadOnlyList<Migration> migrations, ILogger<MigrationRunner> logger)
{
    /// <summary>Any constant that nothing else in our databases locks on.</summary>
    private const long LockKey = 0x4169_4661_6374_6f72;

    /// <exception cref="MigrationException">The files do not fit what the database has seen.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // 1. Hold the lock on this session until the end; Postgres frees it with the session when we die.
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await ExecuteAsync(connection, "select pg_advisory_lock(@LockKey)", new { LockKey }, cancellationToken);
        try
        {
            // 2. Compare what was applied with what we have.
            var applied = await ReadAppliedAsync(connection, cancellationToken);
            Compare(applied);

            // 3. Apply the rest, each in its transaction together with its row.
            foreach (var migration in migrations.Skip(applied.Count))
            {
                await ApplyAsync(connection, migration, cancellationToken);
                LogApplied(logger, migration.Name);
            }
        }
        finally
        {
            await UnlockAsync(connection);
        }
    }

    /// <summary>A pooled connection goes back without its lock, also when the caller has given up; with a broken one the server frees the lock.</summary>
    private static async Task UnlockAsync(NpgsqlConnection connection)
    {
        if (connection.FullState != ConnectionState.Open)
        {
            return;
        }

        try
        {
            await ExecuteAsync(connection, "select pg_advisory_unlock(@LockKey)", new { LockKey }, CancellationToken.None);
        }
        catch (NpgsqlException)
        {
            // What broke the connection is thrown already, or is found by the next who uses it.
        }
    }

    private static async Task<List<AppliedMigration>> ReadAppliedAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await ExecuteAsync(
            connection,
            """
            create table if not exists schema_migrations (
              number integer primary key,
              name text not null,
              checksum text not null,
              applied_at timestamptz not null default now()
            )
            """,
            null,
            cancellationToken);
        var rows = await connection.QueryAsync<AppliedMigration>(new CommandDefinition(
            "select number, name, checksum from schema_migrations order by number",
            cancellationToken: cancellationToken));
        return rows.AsList();
    }

    private void Compare(List<AppliedMigration> applied)
    {
        for (var i = 0; i < applied.Count; i++)
        {
            var row = applied[i];
            if (i >= migrations.Count)
            {
                throw new MigrationException($"The database has the migration {row.Name}, which this version does not know: it was written by a newer version.");
            }

            var file = migrations[i];
            if (row.Number != file.Number)
            {
                throw new MigrationException($"The database lacks the migration {file.Name} but has {row.Name}.");
            }

            if (row.Checksum != file.Checksum)
            {
                throw new MigrationException(
                    $"The migration {file.Name} was changed after it was applied (as {row.Name}, SHA-256 {row.Checksum[..12]}, now {file.Checksum[..12]}). Put it back and write a new one.");
            }
        }
    }

    private static async Task ApplyAsync(NpgsqlConnection connection, Migration migration, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        // Several statements, no parameters: sent as it stands.
        await using (var command = new NpgsqlCommand(migration.Sql, connection, transaction) { CommandTimeout = 0 })
        {
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        await connection.ExecuteAsync(new CommandDefinition(
            "insert into schema_migrations (number, name, checksum) values (@Number, @Name, @Checksum)",
            new { migration.Number, migration.Name, migration.Checksum },
            transaction,
            cancellationToken: cancellationToken));
        await transaction.CommitAsync(cancellationToken);
    }

    private static Task<int> ExecuteAsync(NpgsqlConnection connection, string sql, object? parameters, CancellationToken cancellationToken) =>
        // No command timeout: another replica may hold the lock for as long as a large migration takes.
        connection.ExecuteAsync(new CommandDefinition(sql, parameters, commandTimeout: 0, cancellationToken: cancellationToken));

    [LoggerMessage(6101, LogLevel.Information, "Applied migration {Name}")]
    private static partial void LogApplied(ILogger logger, string name);

    private sealed record AppliedMigration
    {
        public required int Number { get; init; }

        public required string Name { get; init; }

        public required string Checksum { get; init; }
    }
}
