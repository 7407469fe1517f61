using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AiFactory.Contracts.Library;
using AiFactory.ModelGenerator.Gguf;

namespace AiFactory.IntegrationTests.Governance;

/// <summary>A model that comes in several files goes through the library to a worker as one.</summary>
[Collection(SharedFactory.Name)]
public sealed class SplitModelTests(FactoryFixture fixture)
{
    private const string Name = "split-chat";

    [Fact]
    public async Task All_files_of_a_model_are_approved_and_served_as_one()
    {
        using var library = new LibraryClient(fixture.Factory);
        var folder = fixture.Factory.Settings.ModelsFolder;
        var parts = GgufSplitter.Split(await File.ReadAllBytesAsync(Path.Combine(folder, "demo-chat.gguf"), TestContext.Current.CancellationToken), 3);
        for (var index = 0; index < parts.Count; index++)
        {
            await File.WriteAllBytesAsync(Path.Combine(folder, $"{Name}-0000{index + 1}-of-00003.gguf"), parts[index], TestContext.Current.CancellationToken);
        }

        await library.SyncAsync();
        var waiting = await library.WaitForVersionAsync(Name, ModelVersionStates.PendingApproval);
        waiting.Parts.ShouldNotBeNull().Count.ShouldBe(3);
        await library.PostAsync<ModelVersionResponse>(LibraryClient.Project($"/versions/{waiting.Id}/approvals"), new ApprovalRequest("approve", "looked at"));
        await library.DeployAsync(Name, waiting.Id);
        using var answer = await library.Http.PostAsJsonAsync("v1/completions", new { model = Name, prompt = "The factory", max_tokens = 8 }, TestContext.Current.CancellationToken);
        var completion = await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        await library.UndeployAsync(Name);

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        completion.GetProperty("usage").GetProperty("completion_tokens").GetInt32().ShouldBePositive();
        completion.GetProperty("system_fingerprint").GetString().ShouldBe($"fp_{waiting.Digest.ShouldNotBeNull()["sha256:".Length..][..12]}");
    }
}
