using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using AiFactory.Contracts;

namespace AiFactory.Benchmarks.GatewaySoak;

/// <summary>One WebSocket: a stream to its end, then one that is cancelled after its first chunk.</summary>
internal static class SoakSocket
{
    private const int Buffer = 1 << 14;

    public static async Task<string> AskAsync(SoakClient client, long number, CancellationToken stop)
    {
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", $"Bearer {SoakPlan.Alpha}");
        socket.Options.SetRequestHeader(WireHeaders.RequestId, SoakTokens.IdOf(number));
        await socket.ConnectAsync(new UriBuilder(new Uri(client.Address, "/v1/chat/completions")) { Scheme = "ws" }.Uri, stop);
        await SendAsync(socket, SoakKinds.Say("chat", number, ",\"stream\":true,\"request_id\":\"a\""), stop);
        if (await EndAsync(socket, "done", cancelAtOnce: false, stop) is { } wrong)
        {
            return wrong;
        }

        var key = SoakTokens.KeyOf(number, part: 1);
        client.Tally.WasAnswered(key, SoakTokens.Chunks(key));
        await SendAsync(socket, SoakKinds.Say("chat", number, ",\"stream\":true,\"request_id\":\"b\""), stop);
        if (await EndAsync(socket, "cancelled", cancelAtOnce: true, stop) is { } notCancelled)
        {
            return notCancelled;
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, stop);
        return SoakTally.Answered;
    }

    /// <returns>Null when the request ended so; else what came instead.</returns>
    private static async Task<string?> EndAsync(ClientWebSocket socket, string end, bool cancelAtOnce, CancellationToken stop)
    {
        var buffer = new byte[Buffer];
        while (true)
        {
            var length = 0;
            ValueWebSocketReceiveResult received;
            do
            {
                received = await socket.ReceiveAsync(buffer.AsMemory(length), stop);
                length += received.Count;
            }
            while (!received.EndOfMessage);

            if (received.MessageType == WebSocketMessageType.Close)
            {
                return $"closed before '{end}'";
            }

            using var message = JsonDocument.Parse(buffer.AsMemory(0, length));
            if (message.RootElement.TryGetProperty("type", out var type))
            {
                return type.ValueEquals(end) ? null : $"not '{end}' but {message.RootElement.GetRawText()}";
            }

            if (cancelAtOnce)
            {
                cancelAtOnce = false;
                await SendAsync(socket, """{"type":"cancel","request_id":"b"}""", stop);
            }
        }
    }

    private static ValueTask SendAsync(ClientWebSocket socket, string text, CancellationToken stop) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(text).AsMemory(), WebSocketMessageType.Text, endOfMessage: true, stop);
}
