using System.Net;
using AiFactory.Builder.Runs;
using AiFactory.Builder.Tests.Edges;
using AiFactory.ServiceDefaults.Loops;
using AiFactory.ServiceDefaults.Postgres;
using AiFactory.Testing.Postgres;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace AiFactory.Builder.Tests.Storage;

public sealed class MigrationTests(PostgresFixture postgres)
{
    /// <summary>A file's SHA-256 as it was released: a database that has it refuses another, and the service would not become ready. What is new is added here.</summary>
    private static readonly Dictionary<string, string> Released = new(StringComparer.Ordinal)
    {
        ["0001_flows.sql"] = "8bb55468a23445c1333c63fc71284b00a1756240d718346ab45d6ca40924be8c",
        ["0002_knowledge.sql"] = "4aa05de8370f699cabf88151268f53ed1efb21ebba59e6d45e7ed22abaf7ec0a",
        ["0003_agents.sql"] = "0d2af59ae183a4a45e6b084ea02240eabcd1d5c5e51b1945e8a2e4fea78adbb1",
        ["0004_thread_steps.sql"] = "fd3100df45e947798e1d3bcc563c9a0ad0bac9931a7039fba5d96fad2fac9f7d",
        ["0005_fair_claims.sql"] = "cc04ec0ad0176a9c7b299d8385e64c528324cb86ad6e7be56479a97ccfc41a3a",
        ["0006_word_index.sql"] = "e3dc23afe062fe9d2452c67f0df7c7371d61edcaff25a2d9365f6161899dccd6",
        ["0007_thread_claims.sql"] = "0b78491ba34e6e1fcd4691c5a539d0b19dbd3d7809634ef90208f1ee9c33102a",
        ["0008_run_titles.sql"] = "e53eb0199256c9eb4ef187cf47cf757e073253556e77a824c01924de015b9b5f",
        ["0009_knowledge_turns.sql"] = "368d64c6b56400dbff20aaad6383d4ba9cd55f356446b934838242f910963556",
        ["0010_words_of_a_base.sql"] = "9d191fe778247206faa1dc39de48ca9574ec1960a6272e4565390247ce9a3b69",
        ["0011_ruleset_versions.sql"] = "06e205fe50ada9720f1f6a4c558587946cae0b3d29d64494e7c33bad044694fc",
        ["0012_output_sizes.sql"] = "77ad47cfc2aa82c69c5eb2097563d0118804b6312a2d5932cf3d7a89aebbcfd3",
        ["0013_waiting_steps.sql"] = "99ceabb26584a6a7e17e57c5a9813da7f6388d37f25f02a9d4c936ca84e534f1",
        ["0014_child_runs.sql"] = "f7e6e6aa887a1bff7dad24db69f6ffbf242becd0becaffe51c3f77d31c5e257a",
        ["0015_index_rebuilds.sql"] = "0487d6e1664df8c13e0a5c63314aae495cb85e28daab7891b5eefa49439e6a5d",
    };

    [Fact]
    public void A_migration_that_was_released_never_changes() => MigrationFiles.Complaints(typeof(Program).Assembly, Released).ShouldBeEmpty();

    /// <summary>A worker that failed with it would stop the host, which would be started again and again and could tell nobody why.</summary>
    [Fact]
    public async Task A_builder_whose_migrations_are_refused_lives_and_is_not_ready_and_says_why()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        await ExecuteAsync(builder.Services.GetRequiredService<NpgsqlDataSource>(), "update schema_migrations set checksum = repeat('0', 64) where number = 2");

        await Should.ThrowAsync<MigrationException>(() => builder.RestartAsync());

        var waiting = builder.Services.GetServices<IHostedService>().Where(worker => worker is Loop or RunListener).Cast<BackgroundService>().ToList();
        waiting.Count.ShouldBeGreaterThan(2);
        await Task.WhenAll(waiting.Select(worker => worker.ExecuteTask ?? Task.CompletedTask)).WaitAsync(TimeSpan.FromSeconds(30), Token);
        builder.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested.ShouldBeFalse();
        using var anyone = builder.Anonymous();
        using var ready = await anyone.GetAsync(new Uri("/readyz", UriKind.Relative), Token);
        ready.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await ready.Content.ReadAsStringAsync(Token)).ShouldContain("0002_knowledge.sql was changed after it was applied");
    }

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

    /// <summary>Who claims a step locks step_claims, then runs. A migration that altered runs, then step_claims, and a busy factory waited for each other, and the migration was the victim, again and again.</summary>
    [Theory]
    [InlineData(13, "runs")]
    [InlineData(14, "step_claims")]
    public async Task No_migration_waits_for_one_of_what_a_claim_locks_while_it_has_altered_the_other(int number, string other)
    {
        await using var source = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync(Token));
        var migrations = MigrationSet.Read(typeof(Program).Assembly);
        foreach (var migration in migrations.TakeWhile(migration => migration.Number < number))
        {
            await ExecuteAsync(source, migration.Sql);
        }

        await using var claim = await source.OpenConnectionAsync(Token);
        await using var transaction = await claim.BeginTransactionAsync(Token);
        await using (var command = new NpgsqlCommand($"lock table {other} in row exclusive mode", claim, transaction))
        {
            await command.ExecuteNonQueryAsync(Token);
        }

        await ExecuteAsync(source, $"set lock_timeout = '5s'; {migrations[number - 1].Sql}");
    }

    [Fact]
    public async Task A_ruleset_of_before_is_its_first_version()
    {
        await using var source = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync(Token));
        var migrations = MigrationSet.Read(typeof(Program).Assembly);
        await ExecuteAsync(source, migrations[2].Sql);
        await ExecuteAsync(source, "insert into rulesets values ('p', 'manners', array['Be kind.'], 'user:ada', now(), now())");

        await ExecuteAsync(source, migrations[10].Sql);

        await using var versions = source.CreateCommand("select concat_ws(' ', v.name, v.version, v.rules, v.checks, v.on_violation, r.version) from ruleset_versions as v join rulesets as r using (project, name)");
        (await versions.ExecuteScalarAsync(Token)).ShouldBe("manners 1 {\"Be kind.\"} [] reject 1");
    }

    private static async Task ExecuteAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Token);
    }
}
