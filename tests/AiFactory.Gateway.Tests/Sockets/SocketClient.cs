using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using AiFactory.Gateway.Tests.Edges;

namespace AiFactory.Gateway.Tests.Sockets;

/// <summary>.NET's WebSocket client at the gateway.</summary>
internal sealed class SocketClient : IDisposable
{
    private readonly byte[] _buffer = new byte[1 << 16];

    public ClientWebSocket Socket { get; } = new();

    public static async Task<SocketClient> OpenAsync(GatewayUnderTest gateway, Action<ClientWebSocketOptions>? configure = null, string path = "/v1/chat/completions")
    {
        var client = new SocketClient();
        (configure ?? (options => options.SetRequestHeader("Authorization", $"Bearer {Plan.DeveloperKey}")))(client.Socket.Options);
        client.Socket.Options.CollectHttpResponseDetails = true;
        await client.Socket.ConnectAsync(new UriBuilder(new Uri(gateway.Client.BaseAddress!, path)) { Scheme = "ws" }.Uri, TestContext.Current.CancellationToken); // set at its start
        return client;
    }

    public Task SendAsync(string text) => Socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);

    /// <summary>The next message; null when the gateway closes.</summary>
    public async Task<JsonElement?> ReadAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(20));
        using var whole = new MemoryStream();
        while (true)
        {
            var received = await Socket.ReceiveAsync(_buffer.AsMemory(), limit.Token);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            whole.Write(_buffer, 0, received.Count);
            if (received.EndOfMessage)
            {
                return JsonDocument.Parse(whole.ToArray()).RootElement;
            }
        }
    }

    public void Dispose() => Socket.Dispose();
}
