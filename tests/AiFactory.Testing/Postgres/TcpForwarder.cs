using System.Net;
using System.Net.Sockets;
using AiFactory.Testing.Edges;

namespace AiFactory.Testing.Postgres;

/// <summary>A port that leads to another, when it is open: a server that can go away and come back.</summary>
public sealed class TcpForwarder(int target) : IAsyncDisposable
{
    private readonly List<TcpClient> _clients = [];
    private TcpListener? _listener;
    private Task _accepting = Task.CompletedTask;

    public int Port { get; private set; } = FreePort.Take();

    public void Open()
    {
        _listener = new TcpListener(IPAddress.Loopback, Port);
        _listener.Start();
        _accepting = AcceptAsync(_listener);
    }

    /// <summary>Refuses new connections and breaks those that are open.</summary>
    public async Task CloseAsync()
    {
        _listener?.Stop();
        await _accepting;
        lock (_clients)
        {
            _clients.ForEach(client => client.Dispose());
            _clients.Clear();
        }
    }

    public async ValueTask DisposeAsync() => await CloseAsync();

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync();
                var server = new TcpClient();
                await server.ConnectAsync(IPAddress.Loopback, target);
                lock (_clients)
                {
                    _clients.AddRange([client, server]);
                }

                _ = PumpAsync(client, server);
                _ = PumpAsync(server, client);
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // Closed.
        }
    }

    private static async Task PumpAsync(TcpClient from, TcpClient to)
    {
        try
        {
            await from.GetStream().CopyToAsync(to.GetStream());
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // One side is gone: so is the other.
        }

        to.Close();
    }
}
