using AiFactory.ServiceDefaults.Postgres;
using AiFactory.Testing.Postgres;
using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace AiFactory.ServiceDefaults.Tests.Postgres;

public sealed class MigrationRunnerTests(PostgresFixture postgres) : IAsyncLifetime
{
    /// <summary>Of this test's database: others share the server.</summary>
    private const string AdvisoryLocks = "select count(*) from pg_locks join pg_database on pg_database.oid = pg_locks.database where locktype = 'advisory' and datname = current_database()";

    private static readonly Migration Notes = MigrationSet.Create(1, "0001_notes.sql", "create table notes (id int primary key); insert into notes values (1);");
    private static readonly Migration Authors = MigrationSet.Create(2, "0002_authors.sql", "alter table notes add column author text;");

    private NpgsqlDataSource _database = null!; // InitializeAsync runs before each test.

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync(Token));

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Migrations_are_applied_once_in_their_order()
    {
        await RunAsync(Notes);
        await RunAsync(Notes, Authors);
        await RunAsync(Notes, Authors);

        (await AppliedAsync()).ShouldBe(["0001_notes.sql", "0002_authors.sql"]);
        (await ScalarAsync("select count(author is null) from notes")).ShouldBe(1);
    }

    [Fact]
    public async Task Of_many_replicas_that_start_at_once_one_applies()
    {
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => RunAsync(Notes, Authors), Token)));

        (await AppliedAsync()).ShouldBe(["0001_notes.sql", "0002_authors.sql"]);
        (await ScalarAsync(AdvisoryLocks)).ShouldBe(0);
    }

    [Fact]
    public async Task A_changed_file_is_refused_and_named()
    {
        await RunAsync(Notes, Authors);

        var changed = MigrationSet.Create(1, "0001_notes.sql", Notes.Sql + " ");
        (await Should.ThrowAsync<MigrationException>(() => RunAsync(changed, Authors))).Message.ShouldContain("0001_notes.sql was changed after it was applied");
    }

    [Fact]
    public async Task A_database_of_a_newer_version_is_refused()
    {
        await RunAsync(Notes, Authors);

        (await Should.ThrowAsync<MigrationException>(() => RunAsync(Notes))).Message.ShouldContain("0002_authors.sql, which this version does not know");
    }

    [Fact]
    public async Task A_migration_that_fails_leaves_nothing_of_itself()
    {
        var broken = MigrationSet.Create(2, "0002_broken.sql", "create table half (id int); select nonsense;");

        await Should.ThrowAsync<PostgresException>(() => RunAsync(Notes, broken));

        (await AppliedAsync()).ShouldBe(["0001_notes.sql"]);
        (await ScalarAsync("select count(*) from pg_tables where tablename = 'half'")).ShouldBe(0);
        (await ScalarAsync(AdvisoryLocks)).ShouldBe(0);

        await RunAsync(Notes, MigrationSet.Create(2, "0002_broken.sql", "create table whole (id int);"));
        (await AppliedAsync()).ShouldBe(["0001_notes.sql", "0002_broken.sql"]);
    }

    [Fact]
    public async Task The_embedded_migrations_of_this_assembly_run()
    {
        await RunAsync([.. MigrationSet.Read(typeof(MigrationRunnerTests).Assembly)]);

        (await ScalarAsync("select count(*) from information_schema.columns where table_name = 'notes'")).ShouldBe(3);
    }

    private Task RunAsync(params Migration[] migrations) =>
        new MigrationRunner(_database, migrations, NullLogger<MigrationRunner>.Instance).RunAsync(Token);

    private async Task<IEnumerable<string>> AppliedAsync()
    {
        await using var connection = await _database.OpenConnectionAsync(Token);
        return await connection.QueryAsync<string>("select name from schema_migrations order by number");
    }

    private async Task<long> ScalarAsync(string sql)
    {
        await using var command = _database.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(Token))!; // count(*) is never null.
    }
}
