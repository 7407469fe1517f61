using AiFactory.ServiceDefaults.Postgres;
using AiFactory.Testing.Postgres;
using Npgsql;

namespace AiFactory.Builder.Tests.Storage;

public sealed class MigrationTests(PostgresFixture postgres)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A run of 90 KB whose input is more than 1 GB as text held the migration up for ever, and with it the start.</summary>
    [Fact]
    public async Task A_run_gets_its_title_from_its_text_and_one_whose_input_cannot_be_printed_gets_none()
    {
        await using var source = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync(Token));
        var migrations = MigrationSet.Read(typeof(Program).Assembly);
        foreach (var migration in migrations.TakeWhile(migration => migration.Number < 8))
        {
            await ExecuteAsync(source, migration.Sql);
        }

        await ExecuteAsync(source,
            """
            insert into flows (id, project, name, description, revision, created_by, created_at, updated_at)
            values ('00000000-0000-0000-0000-00000000000a', 'p', 'f', '', 1, 'user:ada', now(), now());
            insert into flow_revisions (flow_id, revision, graph, created_by, created_at) values ('00000000-0000-0000-0000-00000000000a', 1, '{}', 'user:ada', now());
            insert into runs (id, project, flow_id, flow, revision, state, input, started_by, created_at)
            select gen_random_uuid(), 'p', '00000000-0000-0000-0000-00000000000a', 'f', 1, 'succeeded', input, 'user:ada', now()
            from unnest(array[
              jsonb_build_object('text', E'What is\n\na gateway?'),
              ('{"other":[' || repeat('1e131071,', 9000) || '1]}')::jsonb,
              ('{"text":[' || repeat('1e131071,', 9000) || '1]}')::jsonb]) as input;
            """);

        await ExecuteAsync(source, migrations[7].Sql);

        await using var titles = source.CreateCommand("select string_agg(title, '|' order by title) from runs");
        (await titles.ExecuteScalarAsync(Token)).ShouldBe("||What is a gateway?");
    }

    private static async Task ExecuteAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Token);
    }
}
