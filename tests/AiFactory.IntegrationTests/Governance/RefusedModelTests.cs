using System.Net;
using System.Net.Http.Json;
using AiFactory.Contracts.Library;

namespace AiFactory.IntegrationTests.Governance;

/// <summary>FEATURES rows 23 and 25: what is malformed or unapproved reaches no client.</summary>
[Collection(SharedFactory.Name)]
public sealed class RefusedModelTests(FactoryFixture fixture)
{
    [Fact]
    public async Task A_truncated_GGUF_is_refused_with_its_reason_and_cannot_be_used()
    {
        using var library = new LibraryClient(fixture.Factory);
        var whole = await File.ReadAllBytesAsync(Path.Combine(fixture.Factory.Settings.ModelsFolder, "demo-chat.gguf"), TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(Path.Combine(fixture.Factory.Settings.ModelsFolder, "truncated.gguf"), whole[..(whole.Length / 2)], TestContext.Current.CancellationToken);

        await library.SyncAsync();
        var version = await library.WaitForVersionAsync("truncated", ModelVersionStates.Quarantined);
        using var chat = await library.Http.PostAsJsonAsync("v1/chat/completions", Chat("truncated"), TestContext.Current.CancellationToken);
        using var deploy = await library.Http.PostAsJsonAsync(LibraryClient.Project("/deployments"), new DeploymentRequest("truncated", version.Id, null, null, null, null), TestContext.Current.CancellationToken);

        version.Reason.ShouldNotBeNull().ShouldContain("byte");
        version.Evidence.ShouldContain(evidence => evidence.Stage == "scanned" && evidence.Outcome == "failed");
        chat.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        deploy.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        deploy.Content.Headers.ContentType?.MediaType.ShouldBe("application/problem+json");
    }

    [Fact]
    public async Task A_model_waits_for_its_approval_and_answers_404_until_it_is_deployed()
    {
        using var library = new LibraryClient(fixture.Factory);
        File.Copy(Path.Combine(fixture.Factory.Settings.ModelsFolder, "demo-chat.gguf"), Path.Combine(fixture.Factory.Settings.ModelsFolder, "second-chat.gguf"));

        await library.SyncAsync();
        var waiting = await library.WaitForVersionAsync("second-chat", ModelVersionStates.PendingApproval);
        using var refused = await library.Http.PostAsJsonAsync(LibraryClient.Project("/deployments"), new DeploymentRequest("second-chat", waiting.Id, null, null, null, null), TestContext.Current.CancellationToken);
        using var unapproved = await library.Http.PostAsJsonAsync("v1/chat/completions", Chat("second-chat"), TestContext.Current.CancellationToken);
        var approved = await library.PostAsync<ModelVersionResponse>(LibraryClient.Project($"/versions/{waiting.Id}/approvals"), new ApprovalRequest("approve", "looked at"));
        await library.DeployAsync("second-chat", waiting.Id);
        using var answered = await library.Http.PostAsJsonAsync("v1/chat/completions", Chat("second-chat"), TestContext.Current.CancellationToken);
        await library.UndeployAsync("second-chat");

        refused.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        unapproved.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        approved.State.ShouldBe(ModelVersionStates.Approved);
        approved.Evidence.ShouldContain(evidence => evidence.Stage == "approval" && evidence.Outcome == "approved");
        answered.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    internal static object Chat(string model) => new { model, max_tokens = 8, messages = new[] { new { role = "user", content = "Hello" } } };
}
