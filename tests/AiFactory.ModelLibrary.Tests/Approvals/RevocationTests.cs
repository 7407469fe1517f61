using System.Net.Http.Json;
using AiFactory.Contracts.Library;
using AiFactory.ModelLibrary.Seeding;
using AiFactory.ModelLibrary.Tests.Deployments;
using AiFactory.ModelLibrary.Tests.Edges;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.Testing.Postgres;
using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.ModelLibrary.Tests.Approvals;

public class RevocationTests(PostgresFixture postgres)
{
    private const string Worker = "http://localhost:4001";
    private const string Reason = "its licence has ended";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_revoked_version_says_who_and_why_and_only_an_approver_revokes()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres);
        using var ada = library.Admin();
        using var bob = library.Client("user:bob", "bank", Roles.Approver);
        using var eve = library.Client("user:eve", "bank", Roles.Operator);
        var version = await ApprovalTests.PendingAsync(library, ada, "single");

        (await (await bob.PostAsync(Revocation(version), new RevocationRequest(Reason))).ProblemAsync()).ShouldBe(
            (409, "Version 1 of m is pending-approval; only a version that is approved can be revoked."));
        await DeploymentTests.ApproveAsync(ada, version.Id);
        (await (await eve.PostAsync(Revocation(version), new RevocationRequest(Reason))).ProblemAsync()).Status.ShouldBe(403);
        (await (await bob.PostAsync(Revocation(version), new { })).ProblemAsync()).Status.ShouldBe(400);
        (await (await bob.PostAsync(Revocation(version), new RevocationRequest(" "))).ProblemAsync()).ShouldSatisfyAllConditions(
            problem => problem.Status.ShouldBe(400), problem => problem.Detail.ShouldContain("needs a reason"));

        var revoked = await bob.PostAsync<RevocationRequest, ModelVersionResponse>(Revocation(version), new RevocationRequest($" {Reason} "));

        (revoked.State, revoked.Reason, revoked.RevokedBy).ShouldBe((ModelVersionStates.Revoked, Reason, "user:bob"));
        revoked.RevokedAt.ShouldNotBeNull();
        var last = revoked.Evidence[^1];
        (last.Stage, last.Outcome, last.Detail, last.Actor).ShouldBe(("revocation", "revoked", Reason, "user:bob"));
        var audit = (await ada.GetAsync<Page<AuditEntryResponse>>("/api/library/projects/bank/audit")).Items[0];
        (audit.Action, audit.Actor, audit.Target).ShouldBe(("model.revoked", "user:bob", $"model-version/{version.Id}"));
        audit.Detail.ShouldNotBeNull().GetProperty("reason").GetString().ShouldBe(Reason);
        (await (await bob.PostAsync(Revocation(version), new RevocationRequest("late"))).ProblemAsync()).Status.ShouldBe(409);
    }

    [Fact]
    public async Task What_is_revoked_is_neither_routed_nor_ordered_nor_deployed()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres);
        using var ada = library.Admin();
        var version = await ServedAsync(library, ada);
        var order = (await library.BeatAsync(Worker)).Assignments[0];
        await library.BeatAsync(Worker, false, DeploymentTests.Ready(order));
        await library.SnapshotAsync(snapshot => snapshot.Deployments is [{ Replicas.Count: 1, Revoked: null }]);

        await ada.PostAsync<RevocationRequest, ModelVersionResponse>(Revocation(version), new RevocationRequest(Reason));

        await library.SnapshotAsync(snapshot => snapshot.Deployments is [{ Replicas.Count: 0, Revoked: Reason }]);
        var deployment = await ada.UntilAsync<DeploymentResponse>($"{DeploymentTests.Path}/d", each => each.Phase == DeploymentPhases.Revoked);
        (deployment.Message, deployment.Observed.Count).ShouldBe(($"Model version revoked: {Reason}", 0));

        // A worker that goes on serving it is told not to, and is asked by nobody, whatever it says and however often the library starts.
        (await library.BeatAsync(Worker, false, DeploymentTests.Ready(order))).Assignments.ShouldBeEmpty();
        await library.RestartAsync();
        using var again = library.Admin();
        (await library.BeatAsync(Worker, false, DeploymentTests.Ready(order))).Assignments.ShouldBeEmpty();
        (await library.SnapshotAsync(_ => true)).Deployments.ShouldHaveSingleItem().Replicas.ShouldBeEmpty();

        const string Refusal = $"Version 1 of m is revoked by user:admin ({Reason}); only an approved version can be deployed.";
        (await (await again.PostAsync(DeploymentTests.Path, DeploymentTests.Request(version.Id) with { Name = "e" })).ProblemAsync()).ShouldBe((409, Refusal));
        (await (await again.PutAsJsonAsync($"{DeploymentTests.Path}/d", DeploymentTests.Request(version.Id), Token)).ProblemAsync()).ShouldBe((409, Refusal));
        (await again.DeleteAsync(new Uri($"{DeploymentTests.Path}/d", UriKind.Relative), Token)).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task Another_person_approves_it_again_and_its_deployment_goes_on()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres);
        using var ada = library.Admin();
        using var eve = library.Client("user:eve", "bank", Roles.Admin);
        var version = await ServedAsync(library, ada);
        var key = await eve.PostAsync<ApiKeyRequest, ApiKeyCreated>("/api/library/projects/bank/keys", new ApiKeyRequest("mine", [Roles.Approver], false, null));
        using var evesKey = library.Client($"key:{key.Key.Id}", "bank", Roles.Approver);
        await eve.PostAsync<RevocationRequest, ModelVersionResponse>(Revocation(version), new RevocationRequest(Reason));
        var approvals = $"/api/library/projects/bank/versions/{version.Id}/approvals";

        foreach (var client in (HttpClient[])[eve, evesKey])
        {
            (await (await client.PostAsync(approvals, new ApprovalRequest("approve", null))).ProblemAsync()).ShouldSatisfyAllConditions(
                problem => problem.Status.ShouldBe(403), problem => problem.Detail.ShouldContain("another person has to approve them again"));
        }

        (await (await ada.PostAsync(approvals, new ApprovalRequest("reject", "no"))).ProblemAsync()).Status.ShouldBe(409);
        var approved = await ada.PostAsync<ApprovalRequest, ModelVersionResponse>(approvals, new ApprovalRequest("approve", "it was extended"));

        (approved.State, approved.Reason, approved.RevokedBy, approved.RevokedAt).ShouldBe((ModelVersionStates.Approved, null, null, null));
        approved.Evidence.Select(step => step.Outcome).TakeLast(2).ShouldBe(["revoked", "approved"]);
        await DeploymentTests.ServeAsync(library, Worker);
        await library.SnapshotAsync(snapshot => snapshot.Deployments is [{ Replicas.Count: 1, Revoked: null }]);
    }

    [Fact]
    public async Task The_same_bytes_are_revoked_with_it_and_do_not_come_back_under_another_name()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres);
        using var ada = library.Admin();
        using var eve = library.Client("user:eve", "bank", Roles.Approver);
        var version = await ServedAsync(library, ada);
        var twin = await FoundAsync(library, ada, "twin");
        await DeploymentTests.ApproveAsync(ada, twin.Id);
        var waiting = await FoundAsync(library, ada, "waiting");

        await eve.PostAsync<RevocationRequest, ModelVersionResponse>(Revocation(version), new RevocationRequest(Reason));

        var other = await ada.GetAsync<ModelVersionResponse>($"/api/library/projects/bank/versions/{twin.Id}");
        (other.State, other.Reason, other.RevokedBy).ShouldBe((ModelVersionStates.Revoked, Reason, "user:eve"));
        const string Note = $"Version 1 of m is revoked by user:eve ({Reason}), and these are its bytes: another person has to approve them again.";
        other.Evidence[^1].Detail.ShouldBe(Note);
        (await ada.GetAsync<ModelVersionResponse>($"/api/library/projects/bank/versions/{waiting.Id}")).Evidence[^1].Detail.ShouldBe(Note);

        // Touched and found again, it is the version that it was; under a new name it waits, and says what it is.
        await library.PlaceAsync("m.gguf", TinyGguf.Chat().ToBytes());
        var third = await FoundAsync(library, ada, "third");
        (await ada.GetAsync<ModelResponse>("/api/library/projects/bank/models/m")).Versions.ShouldHaveSingleItem().State.ShouldBe(ModelVersionStates.Revoked);
        third.Evidence.Select(step => step.Detail).ShouldContain(Note);
        (await (await eve.PostAsync($"/api/library/projects/bank/versions/{third.Id}/approvals", new ApprovalRequest("approve", null))).ProblemAsync()).Status.ShouldBe(403);
        await DeploymentTests.ApproveAsync(ada, third.Id);
    }

    [Fact]
    public async Task The_settings_do_not_approve_again_what_a_person_revoked()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres, new()
        {
            ["Seed:Project"] = "bank",
            ["Seed:Deployments:0:Name"] = "d",
            ["Seed:Deployments:0:Model"] = "m",
            ["Seed:Deployments:1:Name"] = "e",
            ["Seed:Deployments:1:Model"] = "twin",
        });
        using var ada = library.Admin();
        await ada.UntilAsync<Page<ProjectResponse>>("/api/library/projects", page => page.Items.Count == 1);
        await library.PlaceAsync("m.gguf", TinyGguf.Chat().ToBytes());
        await ada.PostAsync<SourceRequest, SourceResponse>("/api/library/projects/bank/sources", new SourceRequest("s", "directory", library.Models, null, null, null));
        var seeded = await ada.UntilAsync<Page<ModelResponse>>("/api/library/projects/bank/models", page => page.Items is [{ Versions: [{ State: ModelVersionStates.Approved }] }]);
        await ada.PostAsync<RevocationRequest, ModelVersionResponse>(Revocation(seeded.Items[0].Versions[0]), new RevocationRequest(Reason));

        await FoundAsync(library, ada, "twin");
        var waits = await library.Services.GetRequiredService<SeedService>().RunOnceAsync(Token);

        waits.ShouldContain(wait => wait.Contains("Deployment e cannot be made", StringComparison.Ordinal));
        var states = (await ada.GetAsync<Page<ModelResponse>>("/api/library/projects/bank/models")).Items.Select(model => model.Versions.ShouldHaveSingleItem().State);
        states.ShouldBe([ModelVersionStates.Revoked, ModelVersionStates.PendingApproval]);
    }

    private static string Revocation(ModelVersionResponse version) => $"/api/library/projects/bank/versions/{version.Id}/revocation";

    /// <summary>Version 1 of m, approved, deployed as d and served by the worker.</summary>
    private static async Task<ModelVersionResponse> ServedAsync(LibraryUnderTest library, HttpClient ada)
    {
        var version = await ApprovalTests.PendingAsync(library, ada, "single");
        await DeploymentTests.ApproveAsync(ada, version.Id);
        await ada.PostAsync<DeploymentRequest, DeploymentResponse>(DeploymentTests.Path, DeploymentTests.Request(version.Id));
        await DeploymentTests.ServeAsync(library, Worker);
        return version;
    }

    /// <summary>The same bytes under another name, found by a sync.</summary>
    private static async Task<ModelVersionResponse> FoundAsync(LibraryUnderTest library, HttpClient ada, string name)
    {
        await library.PlaceAsync($"{name}.gguf", TinyGguf.Chat().ToBytes());
        var sources = await ada.GetAsync<Page<SourceResponse>>("/api/library/projects/bank/sources");
        await ada.PostAsync(new Uri($"/api/library/projects/bank/sources/{sources.Items[0].Id}/sync", UriKind.Relative), null, Token);
        var models = await ada.UntilAsync<Page<ModelResponse>>(
            "/api/library/projects/bank/models", page => page.Items.Any(model => model.Name == name && model.Versions[0].State == ModelVersionStates.PendingApproval));
        return models.Items.Single(model => model.Name == name).Versions[0];
    }
}
