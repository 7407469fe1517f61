using AiFactory.ServiceDefaults.Loops;
using AiFactory.Testing.Postgres;
using Npgsql;

namespace AiFactory.ServiceDefaults.Tests.Loops;

/// <summary>Which failures of a database are waited for, as the server says them; the others would fail again.</summary>
public sealed class LoopTests(PostgresFixture postgres)
{
    /// <summary>A server that is stopped breaks statements off; what they would have written is not given up for that.</summary>
    [Theory]
    [InlineData("57P01", true)]
    [InlineData("57014", true)]
    [InlineData("53300", true)]
    [InlineData("22P05", false)]
    [InlineData("54000", false)]
    public void A_database_that_is_being_stopped_is_waited_for(string code, bool isAway) =>
        Loop.IsAway(new PostgresException("", "ERROR", "ERROR", code)).ShouldBe(isAway);

    /// <summary>Its password is being changed, its database renamed or restored: no statement was looked at, so none is refused.</summary>
    [Theory]
    [InlineData("Database=absent", PostgresErrorCodes.InvalidCatalogName)]
    [InlineData("Password=wrong", PostgresErrorCodes.InvalidPassword)]
    public async Task A_server_that_refuses_the_connection_is_waited_for(string setting, string code)
    {
        await using var connection = new NpgsqlConnection($"{await postgres.CreateDatabaseAsync(Token)};Pooling=false;{setting}");

        var error = await Should.ThrowAsync<PostgresException>(() => connection.OpenAsync(Token));

        (error.SqlState, Loop.IsAway(error)).ShouldBe((code, true), error.MessageText);
    }

    [Fact]
    public async Task A_server_that_only_reads_is_waited_for_as_one_that_was_the_primary() =>
        await AssertAsync(isAway: true, PostgresErrorCodes.ReadOnlySqlTransaction, connection => ExecuteAsync(connection, "set default_transaction_read_only = on", "insert into notes values (2)"));

    [Fact]
    public async Task A_prepared_statement_that_the_connection_behind_a_pooler_does_not_have_is_made_anew() =>
        await AssertAsync(isAway: true, PostgresErrorCodes.InvalidSqlStatementName, async connection =>
        {
            await using var prepared = new NpgsqlCommand("select id from notes", connection);
            await prepared.PrepareAsync(Token);
            await ExecuteAsync(connection, "deallocate all");
            await prepared.ExecuteScalarAsync(Token);
        });

    [Fact]
    public async Task A_prepared_statement_whose_table_a_migration_changed_is_made_anew() =>
        await AssertAsync(isAway: true, PostgresErrorCodes.FeatureNotSupported, async connection =>
        {
            await using var prepared = new NpgsqlCommand("select * from notes", connection);
            await prepared.PrepareAsync(Token);
            await prepared.ExecuteScalarAsync(Token);
            await ExecuteAsync(connection, "alter table notes add column text text");
            await prepared.ExecuteScalarAsync(Token);
        });

    /// <summary>The same code as that of a changed table.</summary>
    [Fact]
    public async Task A_statement_that_the_server_cannot_do_is_not_waited_for() =>
        await AssertAsync(isAway: false, PostgresErrorCodes.FeatureNotSupported, connection => ExecuteAsync(connection, "select count(*) from notes for update"));

    [Fact]
    public async Task A_value_that_the_server_refuses_is_not_waited_for() =>
        await AssertAsync(isAway: false, PostgresErrorCodes.UniqueViolation, connection => ExecuteAsync(connection, "insert into notes values (1)"));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private async Task AssertAsync(bool isAway, string code, Func<NpgsqlConnection, Task> work)
    {
        await using var connection = new NpgsqlConnection(await postgres.CreateDatabaseAsync(Token) + ";Pooling=false");
        await connection.OpenAsync(Token);
        await ExecuteAsync(connection, "create table notes (id integer primary key)", "insert into notes values (1)");

        var error = await Should.ThrowAsync<PostgresException>(() => work(connection));

        (error.SqlState, Loop.IsAway(error)).ShouldBe((code, isAway), $"{error.MessageText} ({error.Routine})");
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, params string[] statements)
    {
        foreach (var statement in statements)
        {
            await using var command = new NpgsqlCommand(statement, connection);
            await command.ExecuteNonQueryAsync(Token);
        }
    }
}
