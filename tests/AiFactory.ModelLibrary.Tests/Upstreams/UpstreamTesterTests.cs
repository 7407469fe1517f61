using AiFactory.Contracts.Library;
using AiFactory.ModelLibrary.Tests.Edges;
using AiFactory.Testing.Postgres;
using Microsoft.AspNetCore.Http;

namespace AiFactory.ModelLibrary.Tests.Upstreams;

public class UpstreamTesterTests(PostgresFixture postgres)
{
    private const string Path = "/api/library/projects/bank/upstreams";
    private const string Secret = "sk-tests-0123456789-abcdefghij-ab12";

    [Fact]
    public async Task A_test_says_in_words_what_is_wrong_and_never_shows_the_credential()
    {
        await using var service = await FakeUpstream.StartedAsync();
        await using var library = await LibraryUnderTest.StartAsync(postgres, new() { ["Upstreams:AllowedHosts:0"] = "http://127.0.0.1", ["Upstreams:TestTimeout"] = "00:00:30" });
        using var ada = library.Admin();
        await ada.PostAsync<ProjectRequest, ProjectResponse>("/api/library/projects", new ProjectRequest("bank", null, null));
        var request = new UpstreamRequest("cloud", "openai", $"{service.Address}v1", [new UpstreamModel("a", "their-chat")]) { Credential = Secret, Headers = new Dictionary<string, string> { ["OpenAI-Project"] = "p1" } };
        (await ada.PostAsync(Path, request)).EnsureSuccessStatusCode();
        (await ada.PostAsync(Path, new UpstreamRequest("bare", "openai", $"{service.Address}v1/", [new UpstreamModel("b", "their-other")]))).EnsureSuccessStatusCode();
        (await ada.PostAsync(Path, new UpstreamRequest("azure", "azure-openai", service.Address.ToString(), [new UpstreamModel("c", "my-deployment")]) { Credential = Secret, ApiVersion = "2024-10-21" })).EnsureSuccessStatusCode();

        (await ada.PostAsync(Path, new UpstreamRequest("claude", "anthropic", $"{service.Address}v1", [new UpstreamModel("e", "their")]) { Credential = Secret })).EnsureSuccessStatusCode();
        (await ada.PostAsync(Path, new UpstreamRequest("vectors", "anthropic", service.Address.ToString(), [new UpstreamModel("f", "their") { Task = "embedding" }]))).StatusCode.ShouldBe(System.Net.HttpStatusCode.BadRequest);

        // 1. It is well.
        (await TestAsync("cloud")).ShouldBe(new UpstreamTest("ok", "It answers, and lists 2 models.", 200));
        var (target, headers) = service.Seen.ShouldHaveSingleItem();
        (target, headers["Authorization"], headers["OpenAI-Project"]).ShouldBe(("/v1/models", $"Bearer {Secret}", "p1"));
        headers.ShouldNotContainKey("traceparent");
        (await TestAsync("bare")).ShouldSatisfyAllConditions(test => test.Code.ShouldBe("model_missing"), test => test.Message.ShouldContain("does not list 'their-other'. It lists their-chat, their-embed."));
        service.Seen.Last().Headers.ShouldNotContainKey("Authorization");
        (await TestAsync("azure")).Code.ShouldBe("ok");
        (service.Seen.Last().Target, service.Seen.Last().Headers["api-key"]).ShouldBe(("/openai/models?api-version=2024-10-21", Secret));
        (await TestAsync("claude")).Code.ShouldBe("ok", "a name without its date stands for the newest");
        (service.Seen.Last().Target, service.Seen.Last().Headers["x-api-key"], service.Seen.Last().Headers["anthropic-version"]).ShouldBe(("/v1/models?limit=1000", Secret, "2023-06-01"));

        // 2. It answers with a refusal, or with something else.
        foreach (var (status, code, words) in ((int, string, string)[])
            [(401, "credential_refused", "set it anew"), (403, "credential_refused", "does not let it"), (404, "path_not_found", "often with '/v1'"), (302, "redirected", "is not followed"), (429, "overloaded", "no more requests"), (500, "failed", "status 500")])
        {
            service.Script = context =>
            {
                context.Response.StatusCode = status;
                context.Response.Headers.Location = "https://evil.example/";
                return context.Response.WriteAsync($"Incorrect API key provided: {Secret}");
            };
            (await TestAsync("cloud")).ShouldSatisfyAllConditions(test => test.Code.ShouldBe(code), test => test.Message.ShouldContain(words), test => test.Status.ShouldBe(status));
        }

        service.Script = context => Task.FromResult(context.Response.StatusCode = 401);
        (await TestAsync("bare")).Code.ShouldBe("credential_missing");
        service.Script = context => context.Response.WriteAsync("<html>");
        (await TestAsync("cloud")).Code.ShouldBe("not_understood");
        service.Script = context =>
        {
            context.Abort();
            return Task.CompletedTask;
        };
        (await TestAsync("cloud")).Code.ShouldBe("not_reached");

        // 3. Nobody is there; or the settings do not name it any more.
        await service.KillAsync();
        (await TestAsync("cloud")).ShouldSatisfyAllConditions(test => test.Code.ShouldBe("not_reached"), test => test.Status.ShouldBeNull());
        await library.RestartAsync(("Upstreams:AllowedHosts:0", "api.example.com"));
        using var bob = library.Admin();
        (await bob.PostAsync<object?, UpstreamTest>($"{Path}/cloud/test", null)).Code.ShouldBe("host_not_allowed");
        (await bob.PostAsync($"{Path}/nobody/test", (object?)null)).StatusCode.ShouldBe(System.Net.HttpStatusCode.NotFound);

        async Task<UpstreamTest> TestAsync(string name)
        {
            var text = await (await ada.PostAsync($"{Path}/{name}/test", (object?)null)).Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            text.ShouldNotContain("0123456789");
            return System.Text.Json.JsonSerializer.Deserialize<UpstreamTest>(text, System.Text.Json.JsonSerializerOptions.Web)!; // no test answers null
        }
    }

    [Fact]
    public async Task A_service_that_says_nothing_is_given_up()
    {
        await using var service = await FakeUpstream.StartedAsync();
        service.Script = context => Task.Delay(Timeout.Infinite, context.RequestAborted);
        await using var library = await LibraryUnderTest.StartAsync(postgres, new() { ["Upstreams:AllowedHosts:0"] = "http://127.0.0.1", ["Upstreams:TestTimeout"] = "00:00:00.2" });
        using var ada = library.Admin();
        await ada.PostAsync<ProjectRequest, ProjectResponse>("/api/library/projects", new ProjectRequest("bank", null, null));
        (await ada.PostAsync(Path, new UpstreamRequest("cloud", "openai", $"{service.Address}v1", [new UpstreamModel("a", "x")]))).EnsureSuccessStatusCode();

        var test = await ada.PostAsync<object?, UpstreamTest>($"{Path}/cloud/test", null);

        (test.Code, test.Message).ShouldBe(("timeout", "It did not answer within 0.2 s (setting Upstreams:TestTimeout)."));
    }
}
