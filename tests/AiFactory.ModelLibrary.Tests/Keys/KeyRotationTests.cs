using System.Net;
using AiFactory.Contracts;
using AiFactory.Contracts.Library;
using AiFactory.Contracts.Routing;
using AiFactory.ModelLibrary.Keys;
using AiFactory.ModelLibrary.Tests.Edges;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.Testing.Postgres;

namespace AiFactory.ModelLibrary.Tests.Keys;

/// <summary>FEATURES row 10: what a key may call, and a successor that overlaps with it.</summary>
public class KeyRotationTests(PostgresFixture postgres)
{
    private const string Path = "/api/library/projects/default/keys";
    private static readonly KeyScope Scope = new(["demo-*"], [ModelOperations.Chat]);

    [Fact]
    public async Task A_successor_is_what_the_former_is_and_the_former_ends_after_the_overlap()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres);
        using var admin = await AdminAsync(library);
        var former = await admin.PostAsync<ApiKeyRequest, ApiKeyCreated>(
            Path, new ApiKeyRequest("batch", [Roles.Operator], true, InDays(90)) { Scope = Scope });

        await admin.PostAsync<LimitRequest, LimitResponse>(
            "/api/library/projects/default/limits", new LimitRequest("own", LimitScopes.Key, $"{former.Key.Id}", null, LimitMeasures.Requests, LimitPeriods.Day, 5));

        var created = await admin.PostAsync<KeyRotationRequest, ApiKeyCreated>($"{Path}/{former.Key.Id}/rotate", new KeyRotationRequest(2, null));

        created.Secret.ShouldNotBe(former.Secret);
        var expected = former.Key with { Id = created.Key.Id, Prefix = created.Key.Prefix, CreatedAt = created.Key.CreatedAt, Replaces = former.Key.Id };
        (created.Key with { Roles = expected.Roles, Scope = expected.Scope }).ShouldBe(expected); // lists are compared by who they are
        created.Key.Roles.ShouldBe([Roles.Operator]);
        var scope = created.Key.Scope.ShouldNotBeNull();
        (scope.Models, scope.Operations).ShouldSatisfyAllConditions(both => both.Models.ShouldBe(Scope.Models), both => both.Operations.ShouldBe(Scope.Operations));
        var replaced = created.Replaced.ShouldNotBeNull();
        (replaced.Id, replaced.ReplacedBy, replaced.RevokedAt).ShouldBe((former.Key.Id, created.Key.Id, null));
        replaced.ExpiresAt.ShouldBe(created.Key.CreatedAt.AddSeconds(2));

        // Both are routed, and then the successor alone, though nobody does anything.
        var both = await library.SnapshotAsync(snapshot => snapshot.Keys.Any(key => key.Hash == KeySecrets.Hash(created.Secret)));
        both.Keys.ShouldAllBe(key => key.Scope != null && key.Scope.Models.Single() == "demo-*" && key.Scope.Operations.Single() == "chat");
        var one = await library.SnapshotAsync(snapshot => snapshot.Keys.Count == 1);
        one.Keys[0].Hash.ShouldBe(KeySecrets.Hash(created.Secret));

        // What the former key might use at most is the line's, to which the next successor belongs too.
        var third = await RotateAsync(admin, created.Key.Id, new KeyRotationRequest(0, null));
        var limited = await library.SnapshotAsync(snapshot => snapshot.Keys.Any(key => key.Id == third.Key.Id));
        limited.Keys.ShouldAllBe(key => key.Family == former.Key.Id);
        limited.Limits.ShouldHaveSingleItem().Owner.ShouldBe($"{former.Key.Id}");
        (await admin.DeleteAsync(new Uri($"{Path}/{third.Key.Id}", UriKind.Relative), TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();

        var listed = (await admin.GetAsync<Page<ApiKeyResponse>>(Path)).Items;
        listed.Select(key => (key.Id, key.Replaces, key.ReplacedBy))
            .ShouldBe([(third.Key.Id, created.Key.Id, null), (created.Key.Id, former.Key.Id, third.Key.Id), (former.Key.Id, null, created.Key.Id)]);
        var acts = (await admin.GetAsync<Page<AuditEntryResponse>>("/api/library/audit")).Items;
        acts.Where(act => act.Action == "key.rotated").Select(act => act.Target).ShouldBe([$"key/{former.Key.Id}", $"key/{created.Key.Id}"], ignoreOrder: true);
    }

    [Fact]
    public async Task The_overlap_is_a_day_unless_it_is_said_never_outlives_the_former_and_none_ends_it_at_once()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres);
        using var admin = await AdminAsync(library);
        var endless = await CreateAsync(admin, null);
        var ending = await CreateAsync(admin, InDays(1));
        var later = InDays(30);

        // No body at all is a rotation too.
        var day = await (await admin.PostAsync(new Uri($"{Path}/{endless.Key.Id}/rotate", UriKind.Relative), null, TestContext.Current.CancellationToken)).ReadAsync<ApiKeyCreated>();
        var hour = await RotateAsync(admin, ending.Key.Id, new KeyRotationRequest(2_592_000, later));
        var atOnce = await RotateAsync(admin, hour.Key.Id, new KeyRotationRequest(0, null));

        day.Replaced.ShouldNotBeNull().ExpiresAt.ShouldBe(day.Key.CreatedAt.AddDays(1));
        day.Key.ExpiresAt.ShouldBeNull();
        hour.Replaced.ShouldNotBeNull().ExpiresAt.ShouldBe(ending.Key.ExpiresAt);
        hour.Key.ExpiresAt.ShouldBe(later);
        atOnce.Replaced.ShouldNotBeNull().RevokedAt.ShouldBe(atOnce.Key.CreatedAt);
        var snapshot = await library.SnapshotAsync(snapshot => snapshot.Keys.Any(key => key.Id == atOnce.Key.Id));
        snapshot.Keys.ShouldNotContain(key => key.Id == hour.Key.Id);
    }

    [Fact]
    public async Task What_has_a_successor_has_ended_or_belongs_to_the_settings_is_not_rotated()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres, new() { ["Seed:AdminKey"] = "aif_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" });
        var seeded = (await library.SnapshotAsync(snapshot => snapshot.Keys.Count == 1)).Keys[0];
        using var admin = await AdminAsync(library);
        var replaced = await CreateAsync(admin, null);
        await RotateAsync(admin, replaced.Key.Id, new KeyRotationRequest(60, null));
        var revoked = await CreateAsync(admin, null);
        (await admin.DeleteAsync(new Uri($"{Path}/{revoked.Key.Id}", UriKind.Relative), TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();

        (await RefusedAsync(admin, seeded.Id)).ShouldSatisfyAllConditions(problem => problem.Status.ShouldBe(409), problem => problem.Detail.ShouldContain("Seed:AdminKey"));
        (await RefusedAsync(admin, replaced.Key.Id)).ShouldSatisfyAllConditions(problem => problem.Status.ShouldBe(409), problem => problem.Detail.ShouldContain("came in this one's place"));
        (await RefusedAsync(admin, revoked.Key.Id)).ShouldSatisfyAllConditions(problem => problem.Status.ShouldBe(409), problem => problem.Detail.ShouldContain("revoked"));
        (await RefusedAsync(admin, Guid.Empty)).Status.ShouldBe(404);
        var another = await CreateAsync(admin, null);
        (await RefusedAsync(admin, another.Key.Id, new KeyRotationRequest(-1, null))).Detail.ShouldContain("0 to 2592000 seconds (30 days)");
        (await RefusedAsync(admin, another.Key.Id, new KeyRotationRequest(2_592_001, null))).Status.ShouldBe(400);
        (await RefusedAsync(admin, another.Key.Id, new KeyRotationRequest(0, DateTimeOffset.UnixEpoch))).Status.ShouldBe(400);
    }

    [Fact]
    public async Task Two_rotations_at_once_make_one_successor_and_nobody_rotates_more_than_they_have()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres);
        using var admin = await AdminAsync(library);
        using var developer = library.Client("user:dev", "default", Roles.Developer);
        var boss = await admin.PostAsync<ApiKeyRequest, ApiKeyCreated>(Path, new ApiKeyRequest("boss", [Roles.Admin], false, null));
        var mine = await CreateAsync(admin, null);

        (await RefusedAsync(developer, boss.Key.Id)).ShouldSatisfyAllConditions(problem => problem.Status.ShouldBe(403), problem => problem.Detail.ShouldContain("more than they have"));
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => developer.PostAsync($"{Path}/{mine.Key.Id}/rotate", new KeyRotationRequest(60, null))));

        answers.Select(answer => answer.StatusCode).Order().ShouldBe([HttpStatusCode.Created, HttpStatusCode.Conflict, HttpStatusCode.Conflict, HttpStatusCode.Conflict]);
        (await admin.GetAsync<Page<ApiKeyResponse>>(Path)).Items.Count(key => key.Replaces == mine.Key.Id).ShouldBe(1);
    }

    [Fact]
    public async Task A_scope_that_means_nothing_is_refused_by_its_place()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres);
        using var admin = await AdminAsync(library);

        (await ScopedAsync([Roles.Developer], ["demo?chat"], [])).ShouldContain("'demo?chat' is no pattern of model names");
        (await ScopedAsync([Roles.Developer], [""], [])).ShouldContain("'' is no pattern of model names");
        (await ScopedAsync([Roles.Developer], [.. Enumerable.Range(0, 51).Select(i => $"m{i}")], [])).ShouldContain("at most 50 patterns");
        (await ScopedAsync([Roles.Developer], [], ["speech"])).ShouldContain("There is no operation 'speech'; use chat, completions,");
        (await ScopedAsync([Roles.Viewer], ["demo-*"], [])).ShouldContain("the roles viewer may call none");
        var none = await admin.PostAsync<ApiKeyRequest, ApiKeyCreated>(Path, new ApiKeyRequest("none", null, false, null) { Scope = new KeyScope([], []) });
        none.Key.Scope.ShouldBeNull();

        async Task<string> ScopedAsync(string[] roles, string[] models, string[] operations)
        {
            var (status, detail) = await (await admin.PostAsync(Path, new ApiKeyRequest("x", roles, false, null) { Scope = new KeyScope(models, operations) })).ProblemAsync();
            status.ShouldBe(400);
            return detail;
        }
    }

    /// <summary>In whole seconds, as every database keeps it.</summary>
    private static DateTimeOffset InDays(int days) => DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().AddDays(days).ToUnixTimeSeconds());

    private static async Task<HttpClient> AdminAsync(LibraryUnderTest library)
    {
        var admin = library.Admin();
        await admin.UntilAsync<Page<ProjectResponse>>("/api/library/projects", page => page.Items.Count == 1);
        return admin;
    }

    private static Task<ApiKeyCreated> CreateAsync(HttpClient client, DateTimeOffset? expiresAt) =>
        client.PostAsync<ApiKeyRequest, ApiKeyCreated>(Path, new ApiKeyRequest("key", null, false, expiresAt));

    private static Task<ApiKeyCreated> RotateAsync(HttpClient client, Guid id, KeyRotationRequest request) =>
        client.PostAsync<KeyRotationRequest, ApiKeyCreated>($"{Path}/{id}/rotate", request);

    private static async Task<(int Status, string Detail)> RefusedAsync(HttpClient client, Guid id, KeyRotationRequest? request = null) =>
        await (await client.PostAsync($"{Path}/{id}/rotate", request ?? new KeyRotationRequest(null, null))).ProblemAsync();
}
