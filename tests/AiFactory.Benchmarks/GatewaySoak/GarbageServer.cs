using System.Net;
using System.Net.Sockets;

namespace AiFactory.Benchmarks.GatewaySoak;

/// <summary>A replica that speaks no HTTP.</summary>
internal sealed class GarbageServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public GarbageServer()
    {
        _listener.Start();
        _ = ServeAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    public void Dispose() => _listener.Dispose();

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                _ = AnswerAsync(await _listener.AcceptSocketAsync());
            }
        }
        catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException)
        {
            // The soak is over.
        }
    }

    private static async Task AnswerAsync(Socket accepted)
    {
        using var socket = accepted;
        try
        {
            await socket.ReceiveAsync(new byte[4096]);
            await socket.SendAsync("\u0001\u0002 this is no answer\r\n\r\n"u8.ToArray());
        }
        catch (SocketException)
        {
            // The gateway was quicker.
        }
    }
}
