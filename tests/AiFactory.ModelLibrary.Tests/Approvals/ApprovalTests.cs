using System.Net.Http.Json;
using AiFactory.Contracts.Library;
using AiFactory.ModelLibrary.Tests.Edges;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.Testing.Postgres;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace AiFactory.ModelLibrary.Tests.Approvals;

public class ApprovalTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Under_second_person_the_author_may_not_approve_and_another_person_may()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres);
        using var ada = library.Client("user:ada", null, Roles.Admin);
        using var bob = library.Client("user:bob", "bank", Roles.Approver);
        var version = await PendingAsync(library, ada, "second-person");
        var path = $"/api/library/projects/bank/versions/{version.Id}/approvals";

        var refused = await (await ada.PostAsync(path, new ApprovalRequest("approve", null))).ProblemAsync();
        refused.ShouldSatisfyAllConditions(problem => problem.Status.ShouldBe(403), problem => problem.Detail.ShouldContain("'second-person' wants another person"));

        var approved = await bob.PostAsync<ApprovalRequest, ModelVersionResponse>(path, new ApprovalRequest("approve", "read the card"));
        approved.State.ShouldBe(ModelVersionStates.Approved);
        approved.Evidence[^1].ShouldSatisfyAllConditions(last => last.Actor.ShouldBe("user:bob"), last => last.Detail.ShouldBe("read the card"));
        (await (await bob.PostAsync(path, new ApprovalRequest("reject", "late"))).ProblemAsync()).Status.ShouldBe(409);
        var audit = await ada.GetAsync<Page<AuditEntryResponse>>("/api/library/projects/bank/audit");
        audit.Items.Select(entry => entry.Action).Reverse().ShouldBe(["project.created", "source.created", "model.discovered", "model.copied", "model.scanned", "model.approved"]);
        audit.Items[0].Detail.ShouldNotBeNull().GetProperty("before").GetProperty("state").GetString().ShouldBe(ModelVersionStates.PendingApproval);
    }

    [Fact]
    public async Task Who_points_another_s_source_elsewhere_may_not_approve_what_comes_from_it()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres);
        using var ada = library.Client("user:ada", null, Roles.Admin);
        using var bob = library.Client("user:bob", "bank", Roles.Admin);
        using var eve = library.Client("user:eve", "bank", Roles.Approver);
        await PendingAsync(library, ada, "second-person");
        await library.PlaceAsync("elsewhere/n.gguf", TinyGguf.Embedding().ToBytes());
        var source = (await ada.GetAsync<Page<SourceResponse>>("/api/library/projects/bank/sources")).Items[0];

        var moved = new SourceRequest("s", "directory", Path.Combine(library.Models, "elsewhere"), null, null, null);
        (await bob.PutAsJsonAsync($"/api/library/projects/bank/sources/{source.Id}", moved, Token)).EnsureSuccessStatusCode();
        var model = await ada.UntilAsync<Page<ModelResponse>>(
            "/api/library/projects/bank/models", page => page.Items is [_, { Name: "n", Versions: [{ State: ModelVersionStates.PendingApproval }] }]);
        (await ada.PutAsJsonAsync($"/api/library/projects/bank/sources/{source.Id}", moved with { Location = library.Models }, Token)).EnsureSuccessStatusCode();
        var path = $"/api/library/projects/bank/versions/{model.Items[1].Versions[0].Id}/approvals";

        (await (await bob.PostAsync(path, new ApprovalRequest("approve", null))).ProblemAsync()).ShouldSatisfyAllConditions(
            problem => problem.Status.ShouldBe(403), problem => problem.Detail.ShouldContain("user:bob changed the source"));
        (await eve.PostAsync<ApprovalRequest, ModelVersionResponse>(path, new ApprovalRequest("approve", null))).State.ShouldBe(ModelVersionStates.Approved);
    }

    [Fact]
    public async Task A_key_is_no_second_person_and_who_has_one_project_cannot_loosen_its_policy()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres);
        using var ada = library.Client("user:ada", null, Roles.Admin);
        var version = await PendingAsync(library, ada, "second-person");
        var key = await ada.PostAsync<ApiKeyRequest, ApiKeyCreated>("/api/library/projects/bank/keys", new ApiKeyRequest("mine", [Roles.Admin], false, null));
        using var adasKey = library.Client($"key:{key.Key.Id}", "bank", Roles.Admin);

        (await (await adasKey.PostAsync($"/api/library/projects/bank/versions/{version.Id}/approvals", new ApprovalRequest("approve", null))).ProblemAsync())
            .ShouldSatisfyAllConditions(problem => problem.Status.ShouldBe(403), problem => problem.Detail.ShouldContain("is the same person"));
        var single = new { approvalPolicy = "single" };
        (await (await adasKey.PatchAsJsonAsync("/api/library/projects/bank", single, Token)).ProblemAsync()).Status.ShouldBe(403);
        (await ada.PatchAsJsonAsync("/api/library/projects/bank", single, Token)).EnsureSuccessStatusCode();
    }

    /// <summary>Each of several at once held one connection and waited for a second, until none was left.</summary>
    [Fact]
    public async Task One_connection_is_enough_to_approve_and_to_revoke()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres);
        using var ada = library.Client("user:ada", null, Roles.Admin);
        var path = $"/api/library/projects/bank/versions/{(await PendingAsync(library, ada, "second-person")).Id}";
        var database = library.Services.GetRequiredService<IConfiguration>().GetConnectionString("librarydb");
        await library.RestartAsync(("ConnectionStrings:librarydb", $"{database};Maximum Pool Size=4;Timeout=5"));
        using var bob = library.Client("user:bob", "bank", Roles.Approver);
        var source = library.Services.GetRequiredService<NpgsqlDataSource>();
        await using var first = await source.OpenConnectionAsync(Token);
        await using var second = await source.OpenConnectionAsync(Token);
        await using var third = await source.OpenConnectionAsync(Token);

        var approved = await bob.PostAsync<ApprovalRequest, ModelVersionResponse>($"{path}/approvals", new ApprovalRequest("approve", null));
        var revoked = await bob.PostAsync<RevocationRequest, ModelVersionResponse>($"{path}/revocation", new RevocationRequest("it leaks"));

        (approved.State, revoked.State).ShouldBe((ModelVersionStates.Approved, ModelVersionStates.Revoked));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Under_single_the_author_approves_and_a_rejection_says_why()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres);
        using var ada = library.Client("user:ada", null, Roles.Admin);
        var version = await PendingAsync(library, ada, "single");
        var path = $"/api/library/projects/bank/versions/{version.Id}/approvals";
        using var viewer = library.Client("user:eve", "bank", Roles.Viewer);

        (await (await viewer.PostAsync(path, new ApprovalRequest("approve", null))).ProblemAsync()).Status.ShouldBe(403);
        (await (await ada.PostAsync(path, new ApprovalRequest("reject", " "))).ProblemAsync()).ShouldSatisfyAllConditions(
            problem => problem.Status.ShouldBe(400), problem => problem.Detail.ShouldContain("says why"));
        (await (await ada.PostAsync(path, new ApprovalRequest("maybe", null))).ProblemAsync()).Status.ShouldBe(400);
        var rejected = await ada.PostAsync<ApprovalRequest, ModelVersionResponse>(path, new ApprovalRequest("reject", "no licence"));
        (rejected.State, rejected.Reason).ShouldBe((ModelVersionStates.Rejected, "no licence"));
    }

    [Fact]
    public async Task Of_two_decisions_at_once_one_counts()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres);
        using var ada = library.Client("user:ada", null, Roles.Admin);
        var version = await PendingAsync(library, ada, "single");
        var path = $"/api/library/projects/bank/versions/{version.Id}/approvals";

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(index =>
            ada.PostAsync(path, new ApprovalRequest(index % 2 == 0 ? "approve" : "reject", "race"))));

        answers.Count(answer => answer.IsSuccessStatusCode).ShouldBe(1);
        answers.Where(answer => !answer.IsSuccessStatusCode).ShouldAllBe(answer => (int)answer.StatusCode == 409);
    }

    internal static async Task<ModelVersionResponse> PendingAsync(LibraryUnderTest library, HttpClient client, string policy)
    {
        await client.PostAsync<ProjectRequest, ProjectResponse>("/api/library/projects", new ProjectRequest("bank", null, policy));
        await library.PlaceAsync("m.gguf", TinyGguf.Chat().ToBytes());
        await client.PostAsync<SourceRequest, SourceResponse>("/api/library/projects/bank/sources", new SourceRequest("s", "directory", library.Models, null, null, null));
        var models = await client.UntilAsync<Page<ModelResponse>>(
            "/api/library/projects/bank/models", page => page.Items is [{ Versions: [{ State: ModelVersionStates.PendingApproval }] }]);
        return models.Items[0].Versions[0];
    }
}
