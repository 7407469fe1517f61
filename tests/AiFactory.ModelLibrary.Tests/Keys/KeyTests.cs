using System.Net;
using AiFactory.Contracts.Library;
using AiFactory.ModelLibrary.Keys;
using AiFactory.ModelLibrary.Seeding;
using AiFactory.ModelLibrary.Tests.Edges;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.Testing.Postgres;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace AiFactory.ModelLibrary.Tests.Keys;

public class KeyTests(PostgresFixture postgres)
{
    private const string Path = "/api/library/projects/default/keys";

    [Fact]
    public async Task A_key_is_shown_once_stored_as_a_hash_routed_and_gone_from_the_routes_when_revoked()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres, new() { ["Seed:Project"] = "default" });
        using var admin = library.Admin();
        await admin.UntilAsync<Page<ProjectResponse>>("/api/library/projects", page => page.Items.Count == 1);

        var created = await admin.PostAsync<ApiKeyRequest, ApiKeyCreated>(Path, new ApiKeyRequest("laptop", null, false, null));

        created.Secret.ShouldMatch("^aif_[0-9A-Za-z]{43}$");
        created.Key.Roles.ShouldBe([Roles.Developer]);
        created.Secret.ShouldStartWith(created.Key.Prefix);
        var snapshot = await library.SnapshotAsync(snapshot => snapshot.Keys.Count == 1);
        snapshot.Keys[0].Hash.ShouldBe(KeySecrets.Hash(created.Secret));
        (await admin.GetStringAsync(new Uri(Path, UriKind.Relative), TestContext.Current.CancellationToken)).ShouldNotContain(created.Secret);

        (await admin.DeleteAsync(new Uri($"{Path}/{created.Key.Id}", UriKind.Relative), TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await library.SnapshotAsync(next => next.Keys.Count == 0)).Version.ShouldBeGreaterThan(snapshot.Version);
        (await admin.GetAsync<Page<ApiKeyResponse>>(Path)).Items[0].RevokedAt.ShouldNotBeNull();
    }

    [Fact]
    public async Task Nobody_gives_more_than_they_have_and_nobody_takes_it()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres);
        using var admin = library.Admin();
        await admin.UntilAsync<Page<ProjectResponse>>("/api/library/projects", page => page.Items.Count == 1);
        var adminKey = await admin.PostAsync<ApiKeyRequest, ApiKeyCreated>(Path, new ApiKeyRequest("boss", [Roles.Admin], false, null));
        using var developer = library.Client("user:dev", "default", Roles.Developer);

        (await (await developer.PostAsync(Path, new ApiKeyRequest("up", [Roles.Admin], false, null))).ProblemAsync()).ShouldSatisfyAllConditions(
            problem => problem.Status.ShouldBe(403), problem => problem.Detail.ShouldContain("more than they have"));
        (await (await developer.PostAsync(Path, new ApiKeyRequest("wide", [Roles.Viewer], true, null))).ProblemAsync()).Status.ShouldBe(403);
        (await developer.DeleteAsync(new Uri($"{Path}/{adminKey.Key.Id}", UriKind.Relative), TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await developer.PostAsync(Path, new ApiKeyRequest("mine", [Roles.Developer], false, null))).StatusCode.ShouldBe(HttpStatusCode.Created);
        (await (await admin.PostAsync(Path, new ApiKeyRequest("x", ["gateway"], false, null))).ProblemAsync()).ShouldSatisfyAllConditions(
            problem => problem.Status.ShouldBe(400), problem => problem.Detail.ShouldContain("no role 'gateway'"));
        (await (await admin.PostAsync(Path, new ApiKeyRequest("x", null, false, DateTimeOffset.UnixEpoch))).ProblemAsync()).Status.ShouldBe(400);
    }

    [Fact]
    public async Task Another_admin_key_in_the_settings_takes_the_former_one_s_place_and_the_former_can_come_back()
    {
        const string one = "aif_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        const string two = "aif_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB";
        await using var library = await LibraryUnderTest.StartAsync(postgres, new() { ["Seed:AdminKey"] = one });
        await library.SnapshotAsync(snapshot => snapshot.Keys is [var key] && key.Hash == KeySecrets.Hash(one));

        await library.RestartAsync(("Seed:AdminKey", two));
        await library.SnapshotAsync(snapshot => snapshot.Keys is [var key] && key.Hash == KeySecrets.Hash(two));

        await library.RestartAsync(("Seed:AdminKey", one));
        await library.SnapshotAsync(snapshot => snapshot.Keys is [var key] && key.Hash == KeySecrets.Hash(one));
    }

    [Fact]
    public async Task An_admin_key_of_the_settings_that_a_person_revoked_stays_revoked_at_every_start()
    {
        const string one = "aif_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        const string two = "aif_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB";
        await using var library = await LibraryUnderTest.StartAsync(postgres, new() { ["Seed:AdminKey"] = one });
        var seeded = (await library.SnapshotAsync(snapshot => snapshot.Keys.Count == 1)).Keys[0];
        using (var admin = library.Admin())
        {
            (await admin.DeleteAsync(new Uri($"{Path}/{seeded.Id}", UriKind.Relative), TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
        }

        await library.SnapshotAsync(snapshot => snapshot.Keys.Count == 0);
        foreach (var setting in (string[])[one, two, one])
        {
            await library.RestartAsync(("Seed:AdminKey", setting));
            await library.Services.GetRequiredService<SeedService>().RunOnceAsync(TestContext.Current.CancellationToken);
            using var admin = library.Admin();
            var keys = (await admin.GetAsync<Page<ApiKeyResponse>>(Path)).Items;
            keys.Single(key => key.Id == seeded.Id).RevokedAt.ShouldNotBeNull();
            keys.Count(key => key.RevokedAt is null).ShouldBe(setting == two ? 1 : 0);
        }
    }

    [Fact]
    public async Task The_audit_takes_inserts_only()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres);
        using var admin = library.Admin();
        await admin.UntilAsync<Page<AuditEntryResponse>>("/api/library/audit", page => page.Items.Count > 0);
        var source = library.Services.GetRequiredService<NpgsqlDataSource>();

        foreach (var sql in (string[])["update audit set actor = 'nobody'", "delete from audit", "truncate audit", "delete from evidence"])
        {
            await using var command = source.CreateCommand(sql);
            var error = await Should.ThrowAsync<PostgresException>(() => command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken));
            error.Message.ShouldContain("takes inserts only");
        }
    }
}
