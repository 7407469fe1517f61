using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AiFactory.Contracts.Builder.Flows;
using AiFactory.Contracts.Builder.Runs;
using AiFactory.Contracts.Library;

namespace AiFactory.IntegrationTests.Governance;

/// <summary>FEATURES row 60: what is revoked answers nobody any more, and says so. In a project of its own, for the model is the one that the other tests call.</summary>
[Collection(SharedFactory.Name)]
public sealed class RevokedModelTests(FactoryFixture fixture)
{
    private const string Model = "demo-chat";
    private const string Reason = "It is withdrawn by a test.";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_revoked_model_ends_calls_and_runs_with_a_clear_error_in_its_project_alone()
    {
        using var library = new LibraryClient(fixture.Factory);
        var project = $"revoked-{Guid.CreateVersion7():n}"[..24];
        await library.PostAsync<ProjectResponse>("api/library/projects", new ProjectRequest(project, null, "single"));
        var source = await library.PostAsync<SourceResponse>(
            LibraryClient.Project("/sources", project), new SourceRequest("models", "directory", fixture.Factory.Settings.ModelsFolder, Model, null, null));
        var waiting = await library.WaitForVersionAsync(Model, ModelVersionStates.PendingApproval, project);
        await library.PostAsync<ModelVersionResponse>(LibraryClient.Project($"/versions/{waiting.Id}/approvals", project), new ApprovalRequest("approve", "for a test"));
        await library.PostAsync<DeploymentResponse>(LibraryClient.Project("/deployments", project), new DeploymentRequest(Model, waiting.Id, null, null, null, null));
        await library.WaitAsync<DeploymentResponse>(LibraryClient.Project($"/deployments/{Model}", project), deployment => deployment.Phase == DeploymentPhases.Ready);
        await UntilAnsweredAsync(project, HttpStatusCode.OK);

        await library.PostAsync<ModelVersionResponse>(LibraryClient.Project($"/versions/{waiting.Id}/revocation", project), new RevocationRequest(Reason));

        var refusal = await UntilAnsweredAsync(project, HttpStatusCode.Forbidden);
        refusal.GetProperty("error").GetProperty("code").GetString().ShouldBe("model_revoked");
        refusal.GetProperty("error").GetProperty("message").GetString().ShouldNotBeNull().ShouldEndWith($"was revoked. Reason: {Reason}");
        var run = await RunAsync(library, project);
        (run.State, run.Error?.Contains(Reason, StringComparison.Ordinal)).ShouldBe((RunStates.Failed, true), run.Error);
        var deployment = await library.WaitAsync<DeploymentResponse>(LibraryClient.Project($"/deployments/{Model}", project), each => each.Phase == DeploymentPhases.Revoked);
        deployment.Message.ShouldBe($"Model version revoked: {Reason}");

        // Another project's approval of the same bytes is its own.
        using var other = await library.Http.PostAsJsonAsync("v1/chat/completions", RefusedModelTests.Chat(Model), Token);
        other.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await library.Http.DeleteAsync(LibraryClient.Project($"/deployments/{Model}", project), Token)).EnsureSuccessStatusCode();
        (await library.Http.DeleteAsync(LibraryClient.Project($"/sources/{source.Id}", project), Token)).EnsureSuccessStatusCode();
    }

    /// <summary>Asks the project's model until the gateway's snapshot has come.</summary>
    private async Task<JsonElement> UntilAnsweredAsync(string project, HttpStatusCode wanted)
    {
        using var client = fixture.Factory.CreateClient();
        client.DefaultRequestHeaders.Add("OpenAI-Project", project);
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            using var response = await client.PostAsJsonAsync("v1/chat/completions", RefusedModelTests.Chat(Model), Token);
            var text = await response.Content.ReadAsStringAsync(Token);
            if (response.StatusCode == wanted)
            {
                (await client.GetStringAsync(new Uri("v1/models", UriKind.Relative), Token)).Contains($"\"{Model}\"", StringComparison.Ordinal).ShouldBe(wanted == HttpStatusCode.OK);
                return JsonSerializer.Deserialize<JsonElement>(text);
            }

            TimeProvider.System.GetElapsedTime(began).ShouldBeLessThan(LibraryClient.Patience, $"{(int)response.StatusCode} {text}");
            await Task.Delay(100, Token);
        }
    }

    private static async Task<RunResponse> RunAsync(LibraryClient client, string project)
    {
        var flows = $"api/builder/projects/{project}/flows";
        await client.PostAsync<FlowResponse>(flows, new FlowRequest("ask", null, null, null, null));
        var settings = new Dictionary<string, JsonElement> { ["model"] = JsonSerializer.SerializeToElement(Model) };
        var graph = new FlowGraph(
            [new FlowNode("in", "input", null, 0, 0, null), new FlowNode("m", "model", null, 200, 0, settings), new FlowNode("out", "output", null, 400, 0, null)],
            [new FlowEdge("1", "in", "text", "m", "prompt"), new FlowEdge("2", "m", "text", "out", "text")]);
        using var saved = await client.Http.PutAsJsonAsync($"{flows}/ask/graph", new GraphRequest(1, graph), Token);
        saved.EnsureSuccessStatusCode();
        var run = await client.PostAsync<RunResponse>($"{flows}/ask/runs", new RunRequest(JsonSerializer.SerializeToElement(new { text = "Hello" }), null, null));
        return await client.WaitAsync<RunResponse>($"api/builder/projects/{project}/runs/{run.Id}", each => each.State is RunStates.Succeeded or RunStates.Failed);
    }
}
