using System.Net;
using System.Net.Sockets;
using AiFactory.Hosting.Orchestration.Endpoints;

namespace AiFactory.Hosting.Tests.Orchestration;

public sealed class EndpointProxyTests : IDisposable
{
    private readonly EndpointProxy _proxy = new(LoopbackListener.Bind("localhost", null), TimeProvider.System);
    private readonly TcpListener _server = new(IPAddress.Loopback, 0);
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _proxy.Dispose();
        _server.Dispose();
    }

    [Fact]
    public async Task A_side_that_has_said_all_still_hears_the_other()
    {
        Serve();
        using var client = await ConnectAsync(IPAddress.Loopback);
        using var server = await _server.AcceptSocketAsync(_cancellation);
        await client.SendAsync("question"u8.ToArray(), _cancellation);
        client.Shutdown(SocketShutdown.Send);

        (await ReadAllAsync(server)).ShouldBe("question"u8.ToArray());
        await server.SendAsync("answer"u8.ToArray(), _cancellation);
        server.Shutdown(SocketShutdown.Send);
        (await ReadAllAsync(client)).ShouldBe("answer"u8.ToArray());
    }

    [Fact]
    public async Task A_connection_is_held_until_there_is_a_replica_to_take_it()
    {
        using var client = await ConnectAsync(IPAddress.IPv6Loopback);
        await client.SendAsync("early"u8.ToArray(), _cancellation);
        Serve();
        using var server = await _server.AcceptSocketAsync(_cancellation);
        client.Shutdown(SocketShutdown.Send);
        (await ReadAllAsync(server)).ShouldBe("early"u8.ToArray());
    }

    [Fact]
    public async Task Ten_megabytes_arrive_as_they_were_sent()
    {
        Serve();
        var sent = new byte[10_000_000];
        new Random(1).NextBytes(sent);
        using var client = await ConnectAsync(IPAddress.Loopback);
        using var server = await _server.AcceptSocketAsync(_cancellation);
        var received = ReadAllAsync(server);
        for (var at = 0; at < sent.Length;)
        {
            at += await client.SendAsync(sent.AsMemory(at), _cancellation);
        }

        client.Shutdown(SocketShutdown.Send);
        (await received).ShouldBe(sent);
    }

    private void Serve()
    {
        _server.Start();
        _proxy.Add(new ProxyTarget("one", ((IPEndPoint)_server.LocalEndpoint).Port));
    }

    private async Task<Socket> ConnectAsync(IPAddress address)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(new IPEndPoint(address, _proxy.Port), _cancellation);
        return socket;
    }

    private async Task<byte[]> ReadAllAsync(Socket socket)
    {
        using var all = new MemoryStream();
        var buffer = new byte[16_384];
        int read;
        while ((read = await socket.ReceiveAsync(buffer, _cancellation).AsTask().WaitAsync(TimeSpan.FromSeconds(60), _cancellation)) > 0)
        {
            all.Write(buffer, 0, read);
        }

        return all.ToArray();
    }
}
