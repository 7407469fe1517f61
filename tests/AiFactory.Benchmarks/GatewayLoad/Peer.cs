using System.Net.Sockets;

namespace AiFactory.Benchmarks.GatewayLoad;

/// <summary>One socket of a <see cref="Reactor"/>.</summary>
internal abstract class Peer(Socket socket)
{
    public Socket Socket { get; } = socket;

    public int Descriptor { get; } = (int)socket.Handle;

    public abstract void OnReadable();

    /// <returns>The bytes that were there; 0 at the end, and null when there is nothing yet.</returns>
    protected int? Read(Span<byte> into)
    {
        var read = Socket.Receive(into, SocketFlags.None, out var error);
        return error switch
        {
            SocketError.Success => read,
            SocketError.WouldBlock => null,
            _ => 0,
        };
    }

    /// <summary>Whether all of it was taken. What is sent here is small, so that a full buffer means a peer that does not read.</summary>
    protected bool TrySend(ReadOnlySpan<byte> bytes) => Socket.Send(bytes, SocketFlags.None, out _) == bytes.Length;
}
