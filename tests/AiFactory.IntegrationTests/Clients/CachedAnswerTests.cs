using System.Net.Http.Json;
using System.Text.Json.Nodes;
using AiFactory.Contracts.Library;
using AiFactory.Contracts.Routing;
using AiFactory.Testing.Factory;

namespace AiFactory.IntegrationTests.Clients;

/// <summary>FEATURES row 18, through all of the factory: the policy is set in the library, and the gateway keeps what the worker answers.</summary>
[Collection(SharedFactory.Name)]
public sealed class CachedAnswerTests(FactoryFixture fixture, ITestOutputHelper output) : IAsyncLifetime
{
    private const string Chat = "demo-chat";
    private const string Embed = "demo-embed";
    private const string Mark = "x-aifactory-cache";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private FactoryProcess Factory => fixture.Factory;

    public async ValueTask InitializeAsync()
    {
        await PutAsync(Chat, new CachePolicy { Responses = true });
        await PutAsync(Embed, new CachePolicy { Embeddings = true });
    }

    public async ValueTask DisposeAsync()
    {
        await PutAsync(Chat, policy: null);
        await PutAsync(Embed, policy: null);
    }

    [Fact]
    public async Task A_streamed_answer_is_given_again_whole_and_as_a_stream_and_without_the_worker()
    {
        await HasPolicyAsync("v1/chat/completions", new { model = Chat, max_tokens = 1, messages = new[] { new { role = "user", content = "Hello" } } });
        var before = await WorkerMetrics.ValueAsync(Factory, WorkerMetrics.Ended, Chat, "finished_reason=\"stop\"");

        var first = await AskAsync("v1/chat/completions", Request(stream: true));
        var whole = await AskAsync("v1/chat/completions", Request(stream: false));
        var again = await AskAsync("v1/chat/completions", Request(stream: true));

        (first.Mark, whole.Mark, again.Mark).ShouldBe(("miss", "hit", "hit"));
        var text = JsonNode.Parse(whole.Body)?["choices"]?[0]?["message"]?["content"]?.GetValue<string>();
        text.ShouldNotBeNullOrEmpty();
        TextOf(first.Body).ShouldBe(text);
        TextOf(again.Body).ShouldBe(text);
        (await WorkerMetrics.ValueAsync(Factory, WorkerMetrics.Ended, Chat, "finished_reason=\"stop\"")).ShouldBe(before + 1);
        output.WriteLine($"asked {first.Milliseconds:0.0} ms, kept {whole.Milliseconds:0.0} and {again.Milliseconds:0.0} ms");
    }

    [Fact]
    public async Task A_thousand_texts_are_embedded_once()
    {
        await HasPolicyAsync("v1/embeddings", new { model = Embed, input = "warm" });
        var body = new { model = Embed, input = Enumerable.Range(0, 1000).Select(i => $"The {i}th parcel was handed out at the north gate.") };

        var first = await AskAsync("v1/embeddings", body);
        var second = await AskAsync("v1/embeddings", body);

        (first.Mark, second.Mark).ShouldBe(("miss", "hit"));
        VectorsOf(second.Body).ShouldBe(VectorsOf(first.Body));
        JsonNode.Parse(second.Body)?["usage"]?["prompt_tokens"]?.GetValue<int>().ShouldBe(JsonNode.Parse(first.Body)?["usage"]?["prompt_tokens"]?.GetValue<int>() ?? 0);
        output.WriteLine($"asked {first.Milliseconds:0.0} ms, kept {second.Milliseconds:0.0} ms");
    }

    private static object Request(bool stream) =>
        new { model = Chat, stream, temperature = 0, messages = new[] { new { role = "user", content = "What does the gateway do?" } } };

    private static string TextOf(string events) => string.Concat(events.Split('\n').Where(line => line.StartsWith("data: {", StringComparison.Ordinal))
        .Select(line => JsonNode.Parse(line["data: ".Length..])?["choices"]?.AsArray() is [{ } choice, ..] ? choice["delta"]?["content"]?.GetValue<string>() : null));

    private static string[] VectorsOf(string body) => [.. JsonNode.Parse(body)?["data"]?.AsArray().Select(item => item?["embedding"]?.ToJsonString() ?? "") ?? []];

    /// <summary>The snapshot reaches the gateway a moment after the library took the policy.</summary>
    private async Task HasPolicyAsync(string path, object body)
    {
        using var limit = new CancellationTokenSource(LibraryClient.Patience);
        while ((await AskAsync(path, body)).Mark is null)
        {
            await Task.Delay(100, limit.Token);
        }
    }

    private async Task<(string? Mark, string Body, double Milliseconds)> AskAsync(string path, object body)
    {
        using var client = Factory.CreateClient();
        var began = TimeProvider.System.GetTimestamp();
        using var response = await client.PostAsJsonAsync(path, body, Token);
        var text = await response.Content.ReadAsStringAsync(Token);
        response.IsSuccessStatusCode.ShouldBeTrue(text);
        return (response.Headers.TryGetValues(Mark, out var marks) ? marks.Single() : null, text, TimeProvider.System.GetElapsedTime(began).TotalMilliseconds);
    }

    private async Task PutAsync(string name, CachePolicy? policy)
    {
        using var library = new LibraryClient(Factory);
        var path = LibraryClient.Project($"/deployments/{name}");
        var now = await library.GetAsync<DeploymentResponse>(path);
        var request = new DeploymentRequest(now.Name, now.ModelVersionId, now.Visibility, now.Replicas, now.ContextLength, now.Slots) { Quantization = now.Quantization, Traffic = now.Traffic, Cache = policy };
        using var response = await library.Http.PutAsJsonAsync(path, request, Token);
        response.IsSuccessStatusCode.ShouldBeTrue(await response.Content.ReadAsStringAsync(Token));
        await library.WaitAsync<DeploymentResponse>(path, deployment => deployment.Phase == DeploymentPhases.Ready);
    }
}
