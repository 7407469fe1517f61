using System.Net.Sockets;
using AiFactory.Benchmarks.GatewayLoad.Upstream;

namespace AiFactory.Benchmarks.GatewayLoad;

/// <summary>A client that reads one stream, and when each chunk of it came.</summary>
internal sealed class StreamClient(Socket socket, Reactor reactor, StreamFleet fleet) : Peer(socket)
{
    /// <summary>A stamp, or the stream's last word, that two reads cut in two is no longer than this.</summary>
    private const int LongestCut = 32;

    private readonly byte[] _cut = new byte[LongestCut];
    private int _kept;
    private long _last;
    private bool _hasBegun;

    /// <summary>Whether the stream ended as it should.</summary>
    public bool IsWhole { get; private set; }

    public void Send(byte[] request) => TrySend(request);

    public override void OnReadable()
    {
        _cut.AsSpan(0, _kept).CopyTo(reactor.Scratch);
        if (Read(reactor.Scratch.AsSpan(_kept)) is not { } read)
        {
            return;
        }

        var bytes = reactor.Scratch.AsSpan(0, _kept + read);
        if (read == 0 || (!_hasBegun && !bytes.StartsWith("HTTP/1.1 200 "u8)))
        {
            End();
            return;
        }

        _hasBegun = true;
        Take(ref bytes, Reactor.Now);
        if (bytes.IndexOf("data: [DONE]"u8) >= 0)
        {
            IsWhole = true;
            End();
            return;
        }

        _kept = Math.Min(LongestCut, bytes.Length);
        bytes[^_kept..].CopyTo(_cut);
    }

    private void Take(ref Span<byte> bytes, long now)
    {
        for (var at = bytes.IndexOf(StampedChunk.Mark); at >= 0 && bytes.Length >= at + StampedChunk.Mark.Length + StampedChunk.Digits; at = bytes.IndexOf(StampedChunk.Mark))
        {
            bytes = bytes[(at + StampedChunk.Mark.Length)..];
            fleet.Came(now, StampedChunk.Read(bytes[..StampedChunk.Digits]), _last);
            bytes = bytes[StampedChunk.Digits..];
            _last = now;
        }
    }

    private void End()
    {
        fleet.Ended(this);
        reactor.Close(this);
    }
}
