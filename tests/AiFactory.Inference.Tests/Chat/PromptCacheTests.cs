using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Tests.Worker;
using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.Inference.Tests.Chat;

/// <summary>What the usage says of a prompt that was asked before.</summary>
public sealed class PromptCacheTests(GeneratedModels models)
{
    private const string Template = "You there, be kind. Hello you, say hello to you there.";

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
        using var other = CreateStranger(worker);

        var cold = await AskAsync(first);
        var again = await AskAsync(first);
        var stranger = await AskAsync(other);

        cold.PromptTokensDetails.ShouldNotBeNull().CachedTokens.ShouldBe(0);
        again.PromptTokensDetails.ShouldNotBeNull().CachedTokens.ShouldBe(cold.PromptTokens - 1);
        stranger.PromptTokensDetails.ShouldNotBeNull().CachedTokens.ShouldBe(isolate == "true" ? 0 : cold.PromptTokens - 1);
        // It still writes its orders while it runs.
        await worker.DisposeAsync();
        Directory.Delete(worker.Directory, recursive: true);
    }

    /// <summary>FEATURES row 18, prompt templates: what the model computed of one is kept, and marked in the usage, whatever it is filled in with; not for another version, nor for another project.</summary>
    [Fact]
    public async Task A_prompt_template_is_computed_once_whatever_fills_it_in_and_anew_by_a_new_version_and_for_another_project()
    {
        await using var worker = await WorkerProcess.StartAsync();
        await using var library = worker.Library;
        await worker.AssignAsync(worker.Store(models.Chat, "chat"), worker.Store(models.Tools, "chat-2", contextLength: 1024));
        using var client = worker.CreateCaller();
        using var stranger = CreateStranger(worker);

        // 1. A template's part of a prompt, in tokens: what is left where the question stands alone.
        var first = await AskAsync(client, "chat", Template, "Hello you");
        var template = first.PromptTokens - (await AskAsync(client, "chat", template: null, "Hello you")).PromptTokens;

        // 2. All of it is there for the next question.
        first.PromptTokensDetails.ShouldNotBeNull().CachedTokens.ShouldBe(0);
        template.ShouldBeGreaterThan(10);
        (await AskAsync(client, "chat", Template, "you there")).PromptTokensDetails.ShouldNotBeNull().CachedTokens.ShouldBeGreaterThanOrEqualTo(template);

        // 3. Another version of the model has it not, nor has another project.
        (await AskAsync(client, "chat-2", Template, "you there")).PromptTokensDetails.ShouldNotBeNull().CachedTokens.ShouldBe(0);
        (await AskAsync(stranger, "chat", Template, "you there")).PromptTokensDetails.ShouldNotBeNull().CachedTokens.ShouldBe(0);
        (await AskAsync(client, "chat", Template, "Hello there")).PromptTokensDetails.ShouldNotBeNull().CachedTokens.ShouldBeGreaterThanOrEqualTo(template);

        // It still writes its orders while it runs.
        await worker.DisposeAsync();
        Directory.Delete(worker.Directory, recursive: true);
    }

    [Theory]
    [InlineData("/v1/chat/completions")]
    [InlineData("/v1/completions")]
    public async Task A_request_says_whether_it_starts_behind_others_and_behind_which(string route)
    {
        await using var worker = await WorkerProcess.StartAsync();
        await using var library = worker.Library;
        await worker.AssignAsync(worker.Store(models.Chat, "chat"));
        using var client = worker.CreateCaller();

        (await AskAsync(client, route, new() { ["cache_salt"] = "a" })).ShouldBe(0);
        (await AskAsync(client, route, new() { ["cache_salt"] = "a" })).ShouldBeGreaterThan(0);
        (await AskAsync(client, route, new() { ["cache_salt"] = "b" })).ShouldBe(0);
        (await AskAsync(client, route, [])).ShouldBe(0);
        (await AskAsync(client, route, new() { ["cache_prompt"] = false })).ShouldBe(0);
        (await AskAsync(client, route, new() { ["cache_prompt"] = true })).ShouldBeGreaterThan(0);
        // It still writes its orders while it runs.
        await worker.DisposeAsync();
        Directory.Delete(worker.Directory, recursive: true);
    }

    private static HttpClient CreateStranger(WorkerProcess worker)
    {
        var client = worker.CreateClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Bearer", WorkerProcess.Tokens.Issue(InternalIdentity.WithRoles("user:eve", "other", factoryWide: true, [Roles.Developer]), TimeSpan.FromHours(1)));
        return client;
    }

    private static async Task<int> AskAsync(HttpClient client, string route, JsonObject body)
    {
        (body["model"], body["max_tokens"]) = ("chat", 2);
        body[route.EndsWith("chat/completions", StringComparison.Ordinal) ? "messages" : "prompt"] =
            route.EndsWith("chat/completions", StringComparison.Ordinal) ? new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "Hello you" }) : "Hello you there";
        using var response = await client.PostAsJsonAsync(route, body, Token);
        response.EnsureSuccessStatusCode();
        var answer = await response.Content.ReadFromJsonAsync<JsonObject>(Token);
        return (int?)answer?["usage"]?["prompt_tokens_details"]?["cached_tokens"] ?? 0;
    }

    private static Task<Usage> AskAsync(HttpClient client) => AskAsync(client, "chat", template: null, "Hello you");

    private static async Task<Usage> AskAsync(HttpClient client, string model, string? template, string question)
    {
        var user = new { role = "user", content = question };
        using var response = await client.PostAsJsonAsync(
            "/v1/chat/completions", new { model, messages = template is null ? [user] : new[] { new { role = "system", content = template }, user }, max_tokens = 4 }, Token);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync(OpenAIJson.Default.ChatCompletion, Token)).ShouldNotBeNull().Usage.ShouldNotBeNull();
    }
}
