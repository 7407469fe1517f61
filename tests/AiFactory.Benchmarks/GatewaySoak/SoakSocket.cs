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
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(SoakClient.Longest);
        return await TalkAsync(client, number, limit.Token);
    }

    private static async Task<string> TalkAsync(SoakClient client, long number, CancellationToken stop)
    {
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", $"Bearer {SoakPlan.Alpha}");
        socket.Options.SetRequestHeader(WireHeaders.RequestId, SoakTokens.IdOf(number));
        await socket.ConnectAsync(new UriBuilder(new Uri(client.Address, "/v1/chat/completions")) { Scheme = "ws" }.Uri, stop);
        await SendAsync(socket, SoakKinds.Say("chat", number, ",\"stream\":true,\"request_id\":\"a\""), stop);
        var text = new StringBuilder();
        if (await EndAsync(socket, "done", text, stop) is { } wrong)
        {
            return wrong;
        }

        var (answer, key) = (new SoakAnswer(text.ToString(), null, null), SoakTokens.KeyOf(number, part: 1));
        client.Tally.WasAnswered(key, answer.Chunks);
        if (answer.WrongStream(number, key) is { } notOwn)
        {
            return notOwn;
        }

        await SendAsync(socket, SoakKinds.Say("chat", number, ",\"stream\":true,\"request_id\":\"b\""), stop);
        if (await EndAsync(socket, "cancelled", text: null, stop) is { } notCancelled)
        {
            return notCancelled;
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, stop);
        return SoakTally.Answered;
    }

    /// <param name="text">Of its chunks; null for a request that is to be cancelled after the first.</param>
    /// <returns>Null when the request ended so; else what came instead.</returns>
    private static async Task<string?> EndAsync(ClientWebSocket socket, string end, StringBuilder? text, CancellationToken stop)
    {
        var cancelAtOnce = text is null;
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

            text?.Append(SoakAnswer.ChunkText(message.RootElement));
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
