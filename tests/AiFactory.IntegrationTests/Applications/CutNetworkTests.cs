using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using AiFactory.Testing.Factory;

namespace AiFactory.IntegrationTests.Applications;

/// <summary>FEATURES row 66, and the word "sovereign": with no network but a loopback a new factory starts, takes its documents in and answers.</summary>
[Collection(OwnFactories.Name)] // The start of the shared one, before every test, has fetched what the first start on a machine fetches
public sealed class CutNetworkTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task With_the_network_cut_a_question_over_documents_is_answered_with_its_sources_and_a_chat_streams()
    {
        Assert.SkipWhen(CutNetwork.Missing is not null, CutNetwork.Missing ?? "");
        await using var settings = FactorySettings.Fresh() with { HasCutNetwork = true };
        await using var factory = await FactoryProcess.StartAsync(settings, Token);
        await AssertCutAsync(factory);
        using var client = factory.CreateClient();

        await DocumentFlow.AssertCitesAsync(client, "Which port does the gateway listen on?");
        await AssertStreamsAsync(client);

        await AssertCutAsync(factory);
    }

    /// <summary>Every process is within, there is no way out, and not even this machine's own ports are there.</summary>
    private static async Task AssertCutAsync(FactoryProcess factory)
    {
        var network = ChildProcess.Of(factory.ProcessId).Network;
        network.ShouldNotBe(ChildProcess.Of(Environment.ProcessId).Network);
        factory.Children().Count.ShouldBeGreaterThan(4);
        factory.Children().ShouldAllBe(child => child.Network == network || !child.IsAlive());
        factory.Network.Interfaces().ShouldBe(["lo"]);

        // An address of documentation, https://www.rfc-editor.org/rfc/rfc5737: anywhere else it is at least tried.
        (await RefusalAsync(new(IPAddress.Parse("192.0.2.1"), 443))).ShouldBe(SocketError.NetworkUnreachable);

        using var outside = new TcpListener(IPAddress.Loopback, 0);
        outside.Start();
        using (var neighbour = new TcpClient())
        {
            await neighbour.ConnectAsync((IPEndPoint)outside.LocalEndpoint, Token);
        }

        (await RefusalAsync((IPEndPoint)outside.LocalEndpoint)).ShouldBe(SocketError.ConnectionRefused);

        async Task<SocketError> RefusalAsync(IPEndPoint to) => (await Should.ThrowAsync<SocketException>(() => factory.Network.ConnectAsync(to))).SocketErrorCode;
    }

    private static async Task AssertStreamsAsync(HttpClient client)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/chat/completions")
        {
            Content = JsonContent.Create(new { model = "demo-chat", stream = true, messages = new[] { new { role = "user", content = "What does the gateway do?" } } }),
        };
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        var events = (await response.Content.ReadAsStringAsync(Token)).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);

        response.Content.Headers.ContentType?.MediaType.ShouldBe("text/event-stream");
        events.Length.ShouldBeGreaterThan(4);
        events[..^1].ShouldAllBe(each => each.StartsWith("data: {", StringComparison.Ordinal));
        events[^1].ShouldBe("data: [DONE]");
    }
}
