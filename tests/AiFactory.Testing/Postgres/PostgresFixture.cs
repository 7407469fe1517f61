using System.Collections.Concurrent;
using System.Reflection;
using AiFactory.Hosting.Acquisition;
using AiFactory.Hosting.Postgres;
using AiFactory.ServiceDefaults.Postgres;
using AiFactory.Testing.Edges;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace AiFactory.Testing.Postgres;

/// <summary>
/// A real Postgres, one for a test process however many classes ask, started by the first that asks. Every test takes a database
/// of its own, which goes with the server and not before: to drop one costs a checkpoint. As an xunit class, collection or assembly fixture: <c>[assembly: AssemblyFixture(typeof(PostgresFixture))]</c>.
/// </summary>
public sealed class PostgresFixture
{
    private static readonly Lazy<Task<EmbeddedPostgres>> Server = new(StartAsync);
    private static readonly ConcurrentDictionary<Assembly, Lazy<Task<string>>> Migrated = new();

    private readonly Lazy<Task<EmbeddedPostgres>> _server = Server;

    /// <summary>The connection string of a new, empty database.</summary>
    public Task<string> CreateDatabaseAsync(CancellationToken cancellationToken = default) => CreateAsync("template1", cancellationToken);

    /// <summary>The connection string of a new database as a service's migrations leave it. They run once, and then it is copied, which takes a fraction of their time.</summary>
    public async Task<string> CreateDatabaseAsync(Assembly service, CancellationToken cancellationToken = default) =>
        await CreateAsync(await Migrated.GetOrAdd(service, _ => new Lazy<Task<string>>(() => MigrateAsync(service))).Value, cancellationToken);

    private async Task<string> CreateAsync(string template, CancellationToken cancellationToken)
    {
        var server = await _server.Value;
        var name = NewName();
        await ExecuteAsync(server, $"create database {name} template {template}", cancellationToken);
        return server.ConnectionString(name);
    }

    private static string NewName() => $"test_{Guid.CreateVersion7():n}";

    private static async Task<string> MigrateAsync(Assembly service)
    {
        var server = await Server.Value;
        var name = NewName();
        await ExecuteAsync(server, $"create database {name}", CancellationToken.None);
        // Nobody may be connected to what is copied.
        await using var database = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(server.ConnectionString(name)) { Pooling = false }.ConnectionString);
        await new MigrationRunner(database, MigrationSet.Read(service), NullLogger<MigrationRunner>.Instance).RunAsync(CancellationToken.None);
        return name;
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
