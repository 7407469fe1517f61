using System.Net;
using AiFactory.ModelLibrary.Seeding;
using AiFactory.ModelLibrary.Tests.Edges;
using AiFactory.ServiceDefaults.Loops;
using AiFactory.ServiceDefaults.Postgres;
using AiFactory.Testing.Postgres;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace AiFactory.ModelLibrary.Tests.Storage;

public class MigrationTests(PostgresFixture postgres)
{
    /// <summary>A file's SHA-256 as it was released: a database that has it refuses another, and the service would not become ready. What is new is added here.</summary>
    private static readonly Dictionary<string, string> Released = new(StringComparer.Ordinal)
    {
        ["0001_library.sql"] = "9f2b6473e223be68c3fab88e4f2f75b66f203dd1f0290bcd54876e8120aa951f",
        ["0002_source_changes.sql"] = "586bfa52264024e6179e86a52443037d2164e7ddb42a5c5d681aa983e57ce47c",
        ["0003_revocation.sql"] = "8abd62e9094b4a9e5a5b4bed34f2a36a682f1f6913e95f1f71386236725a9514",
        ["0004_approved_model_writer.sql"] = "5874c1bf176216f1922d7649d0f2b83ea19a17d4204f2802447f853d1f7779ed",
        ["0005_quantization.sql"] = "5f39f27f0d70017c19beb9e932fd258b2a5ebb57bf5d18d4e37962d9ff5f92d2",
        ["0013_guardrails.sql"] = "6e6b458ee2e2b6311121b5fc76361707c5096194dd44b5121c1ae96d482ccaf1",
        ["0007_traffic.sql"] = "0e54726b93f1c0fe1c3d42f98def0f3026415bfe17117948d895d0a49e44107a",
        ["0012_key_families.sql"] = "7ca479bb3ce0aaa8005e9b0a00d5bbf091d89155752c3381f8926e72e78b90c5",
        ["0008_key_scopes.sql"] = "87b055ead02f5178f08de54d5ac660b5555b0759a4c5d606e73d5b3d5c89d85c",
        ["0009_limits.sql"] = "9c8560217a82af1c09794366b2514adf822c0a60a2160a5d7f96087c57baf8d0",
        ["0006_parts.sql"] = "9bb8583ac12f0390b5847d551ec2c943c1f9a6cec307dca1cb39a85ee84f155a",
        ["0010_cache.sql"] = "63c5cb60b5d4667ddc9d022fb702e18f91e210c1d99b095d90451a31e1c52654",
        ["0011_upstreams.sql"] = "1ee671962c917fbfb85203262c4043275301a2fc5c482e7a5429caae2e03864c",
        ["0014_upstream_cache.sql"] = "2c8e3b2e0454fc02dee4db3009cf47cbbc70e22aa5f718c5cc700be7fa09c7a1",
        ["0015_routing.sql"] = "6826b3123161e9269fcbcec51a23cc2e56803d3140c68df02b9262480a7c68f6",
        ["0016_rollouts.sql"] = "42522f21bf91dbefe3018b09ff3683ff3cfbfda22f63c3cd9089e83e63bec284",
        ["0017_rollout_settling.sql"] = "d84ae4b37163d1efbbd0a67706344526ddb31d97fa0708e2eafa0768e65e4cd7",
    };

    [Fact]
    public void A_migration_that_was_released_never_changes() => MigrationFiles.Complaints(typeof(Program).Assembly, Released).ShouldBeEmpty();

    /// <summary>A worker that failed with it would stop the host, which would be started again and again and could tell nobody why.</summary>
    [Fact]
    public async Task A_library_whose_migrations_are_refused_lives_and_is_not_ready_and_says_why()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres);
        await ExecuteAsync(library.Services.GetRequiredService<NpgsqlDataSource>(), "update schema_migrations set checksum = repeat('0', 64) where number = 2");

        await Should.ThrowAsync<MigrationException>(() => library.RestartAsync());

        var waiting = library.Services.GetServices<IHostedService>().Where(worker => worker is Loop or SeedWorker).Cast<BackgroundService>().ToList();
        waiting.Count.ShouldBeGreaterThan(2);
        await Task.WhenAll(waiting.Select(worker => worker.ExecuteTask ?? Task.CompletedTask)).WaitAsync(TimeSpan.FromSeconds(30), Token);
        library.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested.ShouldBeFalse();
        using var anyone = library.Anonymous();
        using var ready = await anyone.GetAsync(new Uri("/readyz", UriKind.Relative), Token);
        ready.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await ready.Content.ReadAsStringAsync(Token)).ShouldContain("0002_source_changes.sql was changed after it was applied");
    }

    [Fact]
    public async Task Who_changed_a_source_before_it_was_kept_is_taken_from_the_audit()
    {
        await using var source = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync(Token));
        await ExecuteAsync(source, Script("0001_library.sql"));
        await ExecuteAsync(source,
            """
            insert into projects values ('p', 'P', 'single', 'user:ada', now());
            insert into sources (id, project, name, kind, location, enabled, created_by, created_at, next_sync_at)
            values ('00000000-0000-0000-0000-00000000000a', 'p', 'moved', 'directory', '/a', true, 'user:ada', now(), now()),
                   ('00000000-0000-0000-0000-00000000000b', 'p', 'as it was', 'directory', '/b', true, 'user:ada', now(), now());
            insert into models values ('00000000-0000-0000-0000-00000000000c', 'p', 'm', now());
            insert into model_versions (id, model_id, project, version, tag, state, size_bytes, author, source_id, source_path, created_at)
            values ('00000000-0000-0000-0000-00000000000d', '00000000-0000-0000-0000-00000000000c', 'p', 1, 'latest', 'discovered', 1, 'user:ada',
                    '00000000-0000-0000-0000-00000000000a', 'm.gguf', now());
            insert into audit (at, project, actor, action, target)
            values (now(), 'p', 'user:eve', 'source.updated', 'source/00000000-0000-0000-0000-00000000000a'),
                   (now(), 'p', 'user:bob', 'source.updated', 'source/00000000-0000-0000-0000-00000000000a');
            """);

        await ExecuteAsync(source, Script("0002_source_changes.sql"));

        await using var command = source.CreateCommand(
            "select string_agg(changed_by, ' ' order by id) || ' ' || (select source_changed_by[1] from model_versions) from sources");
        (await command.ExecuteScalarAsync(Token)).ShouldBe("user:bob user:ada user:bob");
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static string Script(string name)
    {
        var assembly = typeof(Program).Assembly;
        var resource = assembly.GetManifestResourceNames().Single(resource => resource.EndsWith(name, StringComparison.Ordinal));
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource) ?? Stream.Null);
        return reader.ReadToEnd();
    }

    private static async Task ExecuteAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Token);
    }
}
