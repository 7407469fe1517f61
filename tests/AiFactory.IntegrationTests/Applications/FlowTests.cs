using System.Net.Http.Json;
using System.Text.Json;
using AiFactory.Contracts.Builder.Flows;
using AiFactory.Contracts.Builder.Runs;

namespace AiFactory.IntegrationTests.Applications;

/// <summary>A flow over the documents that come with the factory, made of the template and run on the model that ships.</summary>
[Collection(SharedFactory.Name)]
public sealed class FlowTests(FactoryFixture fixture)
{
    private const string Base = "api/builder/projects/default";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task Chat_over_documents_answers_from_the_factorys_own_with_its_sources()
    {
        using var client = fixture.Factory.CreateClient();
        await UntilAsync(client, $"{Base}/knowledge-bases/aifactory/documents", page => page.GetProperty("items") is { } items
            && items.GetArrayLength() > 0 && items.EnumerateArray().All(document => document.GetProperty("state").GetString() is "ready" or "failed"));
        var name = $"docs-{Guid.CreateVersion7():n}";
        using var made = await client.PostAsJsonAsync($"{Base}/flows", new FlowRequest(name, null, "chat-over-documents", "aifactory", "demo-chat"), Token);
        made.IsSuccessStatusCode.ShouldBeTrue(await made.Content.ReadAsStringAsync(Token));

        var input = JsonSerializer.SerializeToElement(new { text = "Which port does the gateway listen on?" });
        using var started = await client.PostAsJsonAsync($"{Base}/flows/{name}/runs", new RunRequest(input, null, null), Token);
        var id = (await started.Content.ReadFromJsonAsync<RunResponse>(Token))?.Id;
        var run = await UntilAsync(client, $"{Base}/runs/{id}", answer => answer.GetProperty("state").GetString() is "succeeded" or "failed");

        run.GetProperty("state").GetString().ShouldBe("succeeded", run.GetRawText());
        var output = run.GetProperty("output");
        output.GetProperty("text").GetString().ShouldNotBeNullOrWhiteSpace();
        output.GetProperty("passages").GetArrayLength().ShouldBeGreaterThan(0);
        run.GetProperty("usage").GetProperty("promptTokens").GetInt64().ShouldBeGreaterThan(0);
        TestContext.Current.TestOutputHelper?.WriteLine(output.GetProperty("text").GetString() ?? "");
    }

    private static async Task<JsonElement> UntilAsync(HttpClient client, string path, Func<JsonElement, bool> wanted)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            using var response = await client.GetAsync(new Uri(path, UriKind.Relative), Token);
            var text = await response.Content.ReadAsStringAsync(Token);
            if (response.IsSuccessStatusCode && JsonSerializer.Deserialize<JsonElement>(text) is var answer && wanted(answer))
            {
                return answer;
            }

            TimeProvider.System.GetElapsedTime(began).ShouldBeLessThan(Patience, $"{path} never was as wanted: {text}");
            await Task.Delay(100, Token);
        }
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
