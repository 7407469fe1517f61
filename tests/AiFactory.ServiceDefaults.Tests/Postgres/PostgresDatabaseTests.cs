using System.Net;
using AiFactory.ServiceDefaults.Loops;
using AiFactory.ServiceDefaults.Postgres;
using AiFactory.ServiceDefaults.Tests.Postgres;
using AiFactory.Testing.Postgres;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

[assembly: AssemblyFixture(typeof(PostgresFixture))]

namespace AiFactory.ServiceDefaults.Tests.Postgres;

public sealed class PostgresDatabaseTests(PostgresFixture postgres)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_database_that_is_absent_is_created_and_migrated_and_then_the_service_is_ready()
    {
        var name = $"made-{Guid.CreateVersion7():n}";
        await using var service = await StartAsync(With(await ConnectionStringAsync(), database: name));

        await service.App.Services.GetRequiredService<MigrationState>().Completed.WaitAsync(Token);

        (await ReadyAsync(service)).Status.ShouldBe(HttpStatusCode.OK);
        await using var connection = await service.App.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync(Token);
        (await connection.ExecuteScalarAsync<string>("select current_database()")).ShouldBe(name);
        await connection.ExecuteAsync("insert into notes (id, text) values (@Id, 'x')", new { Id = Guid.CreateVersion7() });
        (await connection.QuerySingleAsync<Note>("select id, text, written_by from notes")).WrittenBy.ShouldBe("nobody");
    }

    [Fact]
    public async Task While_the_server_is_away_the_service_lives_and_says_so_and_goes_on_when_it_is_back()
    {
        var direct = new NpgsqlConnectionStringBuilder(await ConnectionStringAsync());
        await using var forwarder = new TcpForwarder(direct.Port);
        await using var service = await StartAsync(With(direct.ConnectionString, port: forwarder.Port));

        (await service.Client.GetAsync("/healthz", Token)).StatusCode.ShouldBe(HttpStatusCode.OK);
        var (status, body) = await ReadyAsync(service);
        status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        body.ShouldContain("testdb");
        body.ShouldContain("migrations have not run");

        forwarder.Open();
        await service.App.Services.GetRequiredService<MigrationState>().Completed.WaitAsync(TimeSpan.FromSeconds(30), Token);
        (await ReadyAsync(service)).Status.ShouldBe(HttpStatusCode.OK);

        await forwarder.CloseAsync();
        (status, body) = await ReadyAsync(service);
        status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        body.ShouldContain("The server does not answer.");

        forwarder.Open();
        (await ReadyAsync(service)).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_server_that_is_started_again_is_a_pause_and_no_error()
    {
        var direct = new NpgsqlConnectionStringBuilder(await ConnectionStringAsync());
        await using var forwarder = new TcpForwarder(direct.Port);
        await using var source = NpgsqlDataSource.Create(With(direct.ConnectionString, port: forwarder.Port));

        // The first attempt is refused before the call returns.
        var answer = new Database(source, TimeProvider.System).FirstOrDefaultAsync<int>("select 7", null, Token);
        forwarder.Open();

        (await answer).ShouldBe(7);
    }

    [Fact]
    public async Task Refused_migrations_leave_the_service_not_ready_with_the_reason()
    {
        var connectionString = await ConnectionStringAsync();
        await using (var first = await StartAsync(connectionString))
        {
            await first.App.Services.GetRequiredService<MigrationState>().Completed.WaitAsync(Token);
            await using var command = first.App.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand("update schema_migrations set checksum = repeat('0', 64) where number = 2");
            await command.ExecuteNonQueryAsync(Token);
        }

        await using var service = await StartAsync(connectionString, services => services.AddHostedService<NeverLoop>());

        await Should.ThrowAsync<MigrationException>(() => service.App.Services.GetRequiredService<MigrationState>().Completed.WaitAsync(Token));
        // What waits for the migrations ends and takes nothing with it: a service that stopped would be started again and again, and could not say why.
        await (service.App.Services.GetServices<IHostedService>().OfType<NeverLoop>().Single().ExecuteTask ?? Task.CompletedTask).WaitAsync(Token);
        service.App.Lifetime.ApplicationStopping.IsCancellationRequested.ShouldBeFalse();
        (await service.Client.GetAsync("/healthz", Token)).StatusCode.ShouldBe(HttpStatusCode.OK);
        var (status, body) = await ReadyAsync(service);
        status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        body.ShouldContain("0002_note_authors.sql was changed after it was applied");
    }

    [Fact]
    public async Task A_missing_setting_stops_the_start_and_is_named() =>
        (await Should.ThrowAsync<InvalidOperationException>(() => StartAsync(null))).Message.ShouldStartWith("ConnectionStrings:testdb is not set");

    [Fact]
    public void The_released_migrations_are_held_to_their_list()
    {
        var assembly = typeof(PostgresDatabaseTests).Assembly;
        var released = MigrationSet.Read(assembly).ToDictionary(migration => migration.Name, migration => migration.Checksum);

        MigrationFiles.Complaints(assembly, released).ShouldBeEmpty();
        MigrationFiles.Complaints(assembly, new Dictionary<string, string> { ["0001_notes.sql"] = "other", ["0009_x.sql"] = "gone" }).Select(complaint => complaint[..14])
            .ShouldBe(["0009_x.sql was", "0001_notes.sql", "0002_note_auth"]);
    }

    private Task<string> ConnectionStringAsync() => postgres.CreateDatabaseAsync(Token);

    private static string With(string connectionString, string? database = null, int? port = null)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString) { Timeout = 2 };
        builder.Database = database ?? builder.Database;
        builder.Port = port ?? builder.Port;
        return builder.ConnectionString;
    }

    private static Task<TestService> StartAsync(string? connectionString, Action<IServiceCollection>? add = null) => TestService.StartAsync(
        build: builder =>
        {
            builder.AddPostgresDatabase("testdb", typeof(PostgresDatabaseTests).Assembly);
            add?.Invoke(builder.Services);
        },
        settings: ("ConnectionStrings:testdb", connectionString));

    private static async Task<(HttpStatusCode Status, string Body)> ReadyAsync(TestService service)
    {
        using var response = await service.Client.GetAsync("/readyz", Token);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Token));
    }

    private sealed class NeverLoop(MigrationState migrations, ILogger<NeverLoop> logger) : Loop(migrations, new Signal(), TimeSpan.FromMinutes(1), TimeProvider.System, logger)
    {
        public override Task<bool> RunOnceAsync(CancellationToken cancellationToken) => throw new InvalidOperationException("It must not run on a database that is not its own.");
    }

    private sealed record Note
    {
        public required Guid Id { get; init; }

        public required string Text { get; init; }

        public required string WrittenBy { get; init; }
    }
}
