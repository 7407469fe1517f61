using System.Net.Http.Headers;
using System.Net.Http.Json;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Tests.Worker;
using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.Inference.Tests.Chat;

/// <summary>What the usage says of a prompt that was asked before.</summary>
public sealed class PromptCacheTests(GeneratedModels models)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("false")]
    [InlineData("true")]
    public async Task Another_project_has_what_a_first_one_computed_unless_prefixes_are_kept_apart(string isolate)
    {
        await using var worker = await WorkerProcess.StartAsync(settings: new() { ["Engine:IsolatePrefixes"] = isolate });
        await using var library = worker.Library;
        await worker.AssignAsync(worker.Store(models.Chat, "chat"));
        using var first = worker.CreateCaller();
        using var other = worker.CreateClient();
        other.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Bearer", WorkerProcess.Tokens.Issue(InternalIdentity.WithRoles("user:eve", "other", factoryWide: true, [Roles.Developer]), TimeSpan.FromHours(1)));

        var cold = await AskAsync(first);
        var again = await AskAsync(first);
        var stranger = await AskAsync(other);

        cold.PromptTokensDetails.ShouldNotBeNull().CachedTokens.ShouldBe(0);
        again.PromptTokensDetails.ShouldNotBeNull().CachedTokens.ShouldBe(cold.PromptTokens - 1);
        stranger.PromptTokensDetails.ShouldNotBeNull().CachedTokens.ShouldBe(isolate == "true" ? 0 : cold.PromptTokens - 1);
        Directory.Delete(worker.Directory, recursive: true);
    }

    private static async Task<Usage> AskAsync(HttpClient client)
    {
        using var response = await client.PostAsJsonAsync("/v1/chat/completions", new { model = "chat", messages = new[] { new { role = "user", content = "Hello you" } }, max_tokens = 4 }, Token);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync(OpenAIJson.Default.ChatCompletion, Token)).ShouldNotBeNull().Usage.ShouldNotBeNull();
    }
}
