using AiFactory.Hosting.Acquisition;
using AiFactory.Hosting.Postgres;
using AiFactory.Testing.Edges;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace AiFactory.Testing.Postgres;

/// <summary>
/// A real Postgres, one for a test process however many classes ask, started by the first that asks. Every test takes a database
/// of its own. As an xunit class, collection or assembly fixture: <c>[assembly: AssemblyFixture(typeof(PostgresFixture))]</c>.
/// </summary>
public sealed class PostgresFixture : IAsyncDisposable
{
    private static readonly Lazy<Task<EmbeddedPostgres>> Server = new(StartAsync);

    private readonly List<string> _databases = [];
    private readonly Lock _lock = new();

    /// <summary>The connection string of a new, empty database.</summary>
    public async Task<string> CreateDatabaseAsync(CancellationToken cancellationToken = default)
    {
        var server = await Server.Value;
        var name = $"test_{Guid.CreateVersion7():n}";
        await ExecuteAsync(server, $"create database {name}", cancellationToken);
        lock (_lock)
        {
            _databases.Add(name);
        }

        return server.ConnectionString(name);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var name in _databases)
        {
            await ExecuteAsync(await Server.Value, $"drop database if exists {name} with (force)", CancellationToken.None);
        }
    }

    private static async Task ExecuteAsync(EmbeddedPostgres server, string sql, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString());
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<EmbeddedPostgres> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("aifactory-postgres-");
        var options = new EmbeddedPostgresOptions
        {
            Folder = folder.FullName,
            Port = FreePort.Take(),
            Password = Guid.CreateVersion7().ToString("n"),
            Disposable = true,
        };
        var server = await EmbeddedPostgres.StartAsync(options, new PackageCache(), NullLogger.Instance);
        // No fixture outlives the test process, and no fixture is the last one that could be known here.
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            server.StopAsync().GetAwaiter().GetResult();
            folder.Delete(recursive: true);
        };
        return server;
    }
}
