using System.Net.Http.Json;
using AiFactory.Testing.Factory;

namespace AiFactory.IntegrationTests.Clients;

/// <summary>
/// FEATURES row 13: streams are streams, and a client that leaves stops its generation. A slow test may come too late to see a generation run, so each has several tries; where nothing is streamed,
/// or nothing stopped, none of them succeeds.
/// </summary>
[Collection(SharedFactory.Name)]
public sealed class StreamingTests(FactoryFixture fixture) : IAsyncLifetime
{
    private const int Tries = 10;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private FactoryProcess Factory => fixture.Factory;

    public async ValueTask InitializeAsync() => await EndlessModel.DeployAsync(Factory);

    public async ValueTask DisposeAsync() => await EndlessModel.UndeployAsync(Factory);

    [Fact]
    public async Task The_first_token_comes_before_the_generation_ends()
    {
        using var client = Factory.CreateClient();
        var meanwhile = 0.0;
        for (var attempt = 0; attempt < Tries && meanwhile != 1; attempt++)
        {
            await WorkerMetrics.WaitAsync(Factory, WorkerMetrics.Running, EndlessModel.Name, 0);
            using var request = Stream(maxTokens: 500);

            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
            using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(Token));
            var first = await lines.ReadLineAsync(Token);
            meanwhile = await WorkerMetrics.ValueAsync(Factory, WorkerMetrics.Running, EndlessModel.Name);
            var rest = await lines.ReadToEndAsync(Token);

            response.Content.Headers.ContentType?.MediaType.ShouldBe("text/event-stream");
            first.ShouldNotBeNull().ShouldStartWith("data: {");
            rest.TrimEnd().ShouldEndWith("data: [DONE]");
        }

        meanwhile.ShouldBe(1);
    }

    [Fact]
    public async Task A_client_that_leaves_frees_its_slot()
    {
        using var client = Factory.CreateClient();
        var before = await LeftAsync();
        var left = before;
        for (var attempt = 0; attempt < Tries && left == before; attempt++)
        {
            using var request = Stream(maxTokens: 1_900);

            (await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token)).Dispose();

            await WorkerMetrics.WaitAsync(Factory, WorkerMetrics.Running, EndlessModel.Name, 0);
            left = await LeftAsync();
        }

        left.ShouldBe(before + 1);
    }

    private static HttpRequestMessage Stream(int maxTokens) => new(HttpMethod.Post, "v1/chat/completions")
    {
        Content = JsonContent.Create(new { model = EndlessModel.Name, stream = true, max_tokens = maxTokens, messages = new[] { new { role = "user", content = "Tell a long story." } } }),
    };

    private Task<double> LeftAsync() => WorkerMetrics.ValueAsync(Factory, WorkerMetrics.Ended, EndlessModel.Name, "finished_reason=\"abort\"");
}
