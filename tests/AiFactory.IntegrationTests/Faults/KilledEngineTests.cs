using System.Globalization;
using System.Net;
using System.Net.Http.Json;
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
        var others = Engines();
        await EndlessModel.DeployAsync(Factory, Dies);
        var process = Engines().Except(others).ShouldHaveSingleItem();
        using var client = Factory.CreateClient();
        // A slot each; those behind them wait.
        var begun = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => StreamAsync(client, Dies, 1_900)));
        var queued = Enumerable.Range(0, 3).Select(_ => client.PostAsJsonAsync("v1/chat/completions", Question(Dies, 5, stream: false), Token)).ToList();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(TimeSpan.FromMinutes(1));
        while (await WaitingAsync(patience.Token) != 3)
        {
            await Task.Delay(10, patience.Token);
        }

        // Nothing of it ends while the other one begins.
        Signals.Send(process, Signals.Stop);
        var other = await StreamAsync(client, EndlessModel.Name, 600);

        Signals.Send(process, Signals.Kill);

        foreach (var answer in await Task.WhenAll(queued))
        {
            answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync(Token));
        }

        (await ReadAsync(other)).TrimEnd().ShouldEndWith("data: [DONE]");
        foreach (var answer in begun)
        {
            (await ReadAsync(answer)).ShouldContain("SIGKILL");
        }

        others.ShouldBeSubsetOf(Engines());
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

    private List<int> Engines() => [.. Factory.Children().Where(KilledProcessTests.IsEngine).Select(child => child.Id)];

    private async Task<double> WaitingAsync(CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        var address = new Uri(Factory.Child("AiFactory.Inference").Environment("ASPNETCORE_URLS")!.Split(';')[0]); // the AppHost gives every service its address
        return (await http.GetStringAsync(new Uri(address, "metrics/vllm"), cancellationToken)).Split('\n')
            .Where(line => line.StartsWith("vllm:num_requests_waiting{", StringComparison.Ordinal))
            .Sum(line => double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture));
    }
}
