using System.Buffers;
using AiFactory.Gateway.SubRequests;

namespace AiFactory.Gateway.Upstreams.Anthropic;

/// <summary>Anthropic's events, read as OpenAI's. Nothing is held back: what an event makes is there with the read that brought it.</summary>
internal sealed class AnthropicStream(Stream upstream, AnthropicChunks chunks) : Stream
{
    private const int Piece = 8 * 1024;

    private readonly EventSplitter _events = new();
    private readonly ArrayBufferWriter<byte> _ready = new(1024);
    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(Piece);
    private int _given;
    private bool _disposed;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_given == _ready.WrittenCount)
        {
            _ready.ResetWrittenCount();
            _given = 0;
            var read = await upstream.ReadAsync(_buffer.AsMemory(0, Piece), cancellationToken);
            if (read == 0)
            {
                return chunks.IsEnded ? 0 : throw new IOException("The stream ended before its message_stop.");
            }

            // What follows the end is read and dropped: a connection that was read to its end is used again.
            _events.Append(_buffer.AsMemory(0, read));
            while (_events.TryRead(out var data))
            {
                if (!chunks.IsEnded)
                {
                    chunks.Take(data, _ready);
                }
            }
        }

        var length = Math.Min(buffer.Length, _ready.WrittenCount - _given);
        _ready.WrittenMemory.Slice(_given, length).CopyTo(buffer);
        _given += length;
        return length;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            _disposed = true;
            chunks.Dispose();
            upstream.Dispose();
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        base.Dispose(disposing);
    }
}
