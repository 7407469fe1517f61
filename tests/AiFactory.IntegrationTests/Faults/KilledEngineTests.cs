using System.Net;
using System.Net.Http.Json;
using AiFactory.Contracts.Library;
using AiFactory.Testing.Factory;

namespace AiFactory.IntegrationTests.Faults;

/// <summary>What the end of one model's process takes with it: its model's answers that had begun, and nothing else.</summary>
[Collection(SharedFactory.Name)]
public sealed class KilledEngineTests(FactoryFixture fixture) : IAsyncLifetime
{
    private const string Dies = "endless-dies";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private FactoryProcess Factory => fixture.Factory;

    public async ValueTask InitializeAsync() => await EndlessModel.DeployAsync(Factory);

    public async ValueTask DisposeAsync()
    {
        await EndlessModel.UndeployAsync(Factory);
        await EndlessModel.UndeployAsync(Factory, Dies);
    }

    [Fact]
    public async Task A_models_process_that_is_killed_leaves_the_other_models_stream_whole_and_queued_requests_are_answered()
    {
        await EndlessModel.DeployAsync(Factory, Dies);
        var (process, other) = (await EngineAsync(Dies), await EngineAsync(EndlessModel.Name));
        using var client = Factory.CreateClient();
        // A slot each; those behind them wait.
        var begun = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => StreamAsync(client, Dies, 1_900)));
        var queued = Enumerable.Range(0, 3).Select(_ => client.PostAsJsonAsync("v1/chat/completions", Question(Dies, 5, stream: false), Token)).ToList();
        await WorkerMetrics.WaitAsync(Factory, WorkerMetrics.Waiting, Dies, 3);

        // Nothing of it ends while the other one begins.
        Signals.Send(process, Signals.Stop);
        var others = await StreamAsync(client, EndlessModel.Name, 200);

        Signals.Send(process, Signals.Kill);

        foreach (var answer in await Task.WhenAll(queued))
        {
            answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync(Token));
        }

        (await ReadAsync(others)).TrimEnd().ShouldEndWith("data: [DONE]");
        foreach (var answer in begun)
        {
            (await ReadAsync(answer)).ShouldContain("SIGKILL");
        }

        (await EngineAsync(EndlessModel.Name)).ShouldBe(other);
    }

    private static object Question(string model, int maxTokens, bool stream) =>
        new { model, stream, max_tokens = maxTokens, messages = new[] { new { role = "user", content = "Tell a long story." } } };

    private static async Task<HttpResponseMessage> StreamAsync(HttpClient client, string model, int maxTokens)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/chat/completions") { Content = JsonContent.Create(Question(model, maxTokens, stream: true)) };
        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        return response;
    }

    private static async Task<string> ReadAsync(HttpResponseMessage response)
    {
        using (response)
        {
            return await response.Content.ReadAsStringAsync(Token);
        }
    }

    /// <summary>The one that has the deployment's weights in memory: other models' processes may end and begin meanwhile.</summary>
    private async Task<int> EngineAsync(string deployment)
    {
        using var library = new LibraryClient(Factory);
        var digest = (await library.GetAsync<DeploymentResponse>(LibraryClient.Project($"/deployments/{deployment}"))).Digest;
        return Factory.Children().Where(child => KilledProcessTests.IsEngine(child) && child.HasMapped(digest["sha256:".Length..])).ShouldHaveSingleItem().Id;
    }
}
