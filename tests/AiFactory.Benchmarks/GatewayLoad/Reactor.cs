using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using AiFactory.Benchmarks.GatewayLoad.Native;

namespace AiFactory.Benchmarks.GatewayLoad;

/// <summary>Sockets of one thread, and what happens when one of them can be read. Nothing here is safe to call from another thread.</summary>
internal sealed class Reactor : IDisposable
{
    /// <summary>Nanoseconds in a second, which are also the ticks of the clock: on Linux it is the same in every process.</summary>
    public const long Second = 1_000_000_000;

    private readonly Epoll _epoll = Epoll.Open();
    private readonly int[] _ready = new int[512];
    private Peer?[] _peers = new Peer?[1024];

    public static long Now => Stopwatch.GetTimestamp();

    /// <summary>What any peer may read into while it is called.</summary>
    public byte[] Scratch { get; } = new byte[64 * 1024];

    public static Socket Connect(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(IPAddress.Loopback, port);
        return socket;
    }

    public void Add(Peer peer)
    {
        peer.Socket.Blocking = false;
        var descriptor = peer.Descriptor;
        if (descriptor >= _peers.Length)
        {
            Array.Resize(ref _peers, descriptor * 2);
        }

        _peers[descriptor] = peer;
        _epoll.Add(descriptor);
    }

    public void Close(Peer peer)
    {
        _peers[peer.Descriptor] = null;
        _epoll.Remove(peer.Descriptor);
        peer.Socket.Dispose();
    }

    /// <summary>Waits until something can be read, at most until then, and lets it be read.</summary>
    public void Poll(long until)
    {
        var count = _epoll.Wait(until - Now, _ready);
        for (var i = 0; i < count; i++)
        {
            _peers[_ready[i]]?.OnReadable();
        }
    }

    public void Dispose()
    {
        foreach (var peer in _peers)
        {
            peer?.Socket.Dispose();
        }

        _epoll.Dispose();
    }
}
