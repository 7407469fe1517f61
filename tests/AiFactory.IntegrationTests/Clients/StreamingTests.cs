using System.Globalization;
using System.Net.Http.Json;

namespace AiFactory.IntegrationTests.Clients;

/// <summary>FEATURES row 13: streams are streams, and a client that leaves stops its generation.</summary>
[Collection(SharedFactory.Name)]
public sealed class StreamingTests(FactoryFixture fixture) : IAsyncLifetime
{
    public async ValueTask InitializeAsync() => await EndlessModel.DeployAsync(fixture.Factory);

    public async ValueTask DisposeAsync() => await EndlessModel.UndeployAsync(fixture.Factory);

    [Fact]
    public async Task The_first_token_comes_before_the_generation_ends()
    {
        using var client = fixture.Factory.CreateClient();
        using var request = Stream(maxTokens: 1_500);

        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        var first = await lines.ReadLineAsync(TestContext.Current.CancellationToken);
        var meanwhile = await RunningAsync();
        var rest = await lines.ReadToEndAsync(TestContext.Current.CancellationToken);

        response.Content.Headers.ContentType?.MediaType.ShouldBe("text/event-stream");
        first.ShouldNotBeNull().ShouldStartWith("data: {");
        meanwhile.ShouldBe(1);
        rest.TrimEnd().ShouldEndWith("data: [DONE]");
    }

    [Fact]
    public async Task A_client_that_leaves_frees_its_slot()
    {
        using var client = fixture.Factory.CreateClient();
        using var request = Stream(maxTokens: 1_900);

        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        var meanwhile = await RunningAsync();
        response.Dispose();

        var gone = 1.0;
        for (var attempt = 0; attempt < 20 && (gone = await RunningAsync()) > 0; attempt++)
        {
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        meanwhile.ShouldBe(1);
        gone.ShouldBe(0);
    }

    private static HttpRequestMessage Stream(int maxTokens) => new(HttpMethod.Post, "v1/chat/completions")
    {
        Content = JsonContent.Create(new { model = EndlessModel.Name, stream = true, max_tokens = maxTokens, messages = new[] { new { role = "user", content = "Tell a long story." } } }),
    };

    private async Task<double> RunningAsync()
    {
        using var http = new HttpClient();
        var address = new Uri(fixture.Factory.Child("AiFactory.Inference").Environment("ASPNETCORE_URLS")!.Split(';')[0]); // the AppHost gives every service its address
        var metrics = await http.GetStringAsync(new Uri(address, "metrics/vllm"), TestContext.Current.CancellationToken);
        return metrics.Split('\n')
            .Where(line => line.StartsWith("vllm:num_requests_running", StringComparison.Ordinal))
            .Sum(line => double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture));
    }
}
