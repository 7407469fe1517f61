using System.Buffers.Text;
using System.Net.Sockets;

namespace AiFactory.Benchmarks.GatewayLoad.Upstream;

/// <summary>A connection to the instant upstream. One request at a time is answered; what it asks for stands in its body, which every door passes on as it came.</summary>
internal sealed class UpstreamConnection(Socket socket, Reactor reactor, InstantUpstream upstream) : Peer(socket)
{
    private byte[] _pending = [];
    private int _length;

    /// <summary>Milliseconds between two chunks.</summary>
    public int Interval { get; private set; }

    public bool IsStreaming { get; private set; }

    /// <summary>The request that is open here; 0 when there is none that matters.</summary>
    public int OpenRequest { get; private set; }

    public override void OnReadable()
    {
        switch (Read(reactor.Scratch))
        {
            case null:
                return;
            case 0:
                IsStreaming = false;
                upstream.Left(this);
                reactor.Close(this);
                return;
            case { } read when _length == 0:
                Take(reactor.Scratch.AsSpan(0, read));
                return;
            case { } read:
                Keep(reactor.Scratch.AsSpan(0, read));
                var held = _pending.AsSpan(0, _length);
                _length = 0;
                Take(held);
                return;
        }
    }

    /// <summary>Whether the stream goes on.</summary>
    public bool TrySendChunk()
    {
        if (!IsStreaming)
        {
            return false;
        }

        if (!TrySend(upstream.Chunk.Stamped(Reactor.Now)))
        {
            upstream.Stalled++;
        }

        return true;
    }

    public void Finish()
    {
        if (IsStreaming)
        {
            IsStreaming = false;
            OpenRequest = 0;
            TrySend(UpstreamAnswers.StreamEnd);
        }
    }

    private void Take(Span<byte> bytes)
    {
        var length = HttpText.Measure(bytes, out var body);
        if (length < 0)
        {
            Keep(bytes);
        }
        else
        {
            Answer(bytes[..length], bytes[body..length]);
        }
    }

    private void Keep(Span<byte> bytes)
    {
        if (_pending.Length < _length + bytes.Length)
        {
            Array.Resize(ref _pending, (_length + bytes.Length) * 2);
        }

        bytes.CopyTo(_pending.AsSpan(_length));
        _length += bytes.Length;
    }

    private void Answer(ReadOnlySpan<byte> request, ReadOnlySpan<byte> body)
    {
        if (request.StartsWith("POST /v1/embeddings "u8))
        {
            TrySend(UpstreamAnswers.Embedding);
        }
        else if (!request.StartsWith("POST /v1/chat/completions "u8))
        {
            TrySend(upstream.AnswerControl(request));
        }
        else if (Number(body, "\"every_ms\":"u8) is not { } interval)
        {
            TrySend(UpstreamAnswers.Chat);
        }
        else
        {
            Open(interval, Number(body, "\"request\":"u8) ?? 0);
        }
    }

    /// <param name="interval">0 for an answer that never comes.</param>
    private void Open(int interval, int request)
    {
        Interval = interval;
        OpenRequest = request;
        upstream.Seen(this);
        if (interval > 0)
        {
            IsStreaming = true;
            TrySend(UpstreamAnswers.StreamHead);
            upstream.Begin(this);
        }
    }

    private static int? Number(ReadOnlySpan<byte> body, ReadOnlySpan<byte> member)
    {
        var at = body.IndexOf(member);
        return at >= 0 && Utf8Parser.TryParse(body[(at + member.Length)..], out int value, out _) ? value : null;
    }
}
