using System.Buffers;

namespace AiFactory.Inference.Isolation;

/// <summary>A request's body, kept as its endpoint reads it: it may have to be sent to more than one process. What is wrong with it, and how large it may be, the endpoint hears as it would anyway.</summary>
internal sealed class RequestBytes(Stream body) : Stream
{
    private readonly ArrayBufferWriter<byte> _read = new();

    public byte[] Bytes => _read.WrittenSpan.ToArray();

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public static void Keep(HttpContext http)
    {
        var kept = new RequestBytes(http.Request.Body);
        http.Features.Set(kept);
        http.Request.Body = kept;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await body.ReadAsync(buffer, cancellationToken);
        _read.Write(buffer.Span[..count]);
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count)
    {
        var read = body.Read(buffer, offset, count);
        _read.Write(buffer.AsSpan(offset, read));
        return read;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
