using System.Buffers.Binary;

namespace AiFactory.ServiceDefaults.Tests.Objects;

/// <summary>Bytes of any length from a counter: nothing is held, every position differs, and it can fail or stop on the way.</summary>
internal sealed class GeneratedStream(long length, bool canSeek = false) : Stream
{
    private long _position;

    /// <summary>Called before each read with the position.</summary>
    public Action<long>? OnRead { get; init; }

    public override bool CanRead => true;

    public override bool CanSeek => canSeek;

    public override bool CanWrite => false;

    public override long Length => canSeek ? length : throw new NotSupportedException();

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    /// <summary>What stands at an offset: eight bytes count the position's eighth, mixed.</summary>
    public static void Fill(Span<byte> buffer, long offset)
    {
        Span<byte> word = stackalloc byte[8];
        for (var i = 0; i < buffer.Length;)
        {
            var at = offset + i;
            BinaryPrimitives.WriteInt64LittleEndian(word, unchecked((at >> 3) * -7046029254386353131L));
            var part = word[(int)(at & 7)..];
            part = part[..Math.Min(part.Length, buffer.Length - i)];
            part.CopyTo(buffer[i..]);
            i += part.Length;
        }
    }

    public static byte[] Bytes(long offset, int count)
    {
        var bytes = new byte[count];
        Fill(bytes, offset);
        return bytes;
    }

    public override int Read(Span<byte> buffer)
    {
        OnRead?.Invoke(_position);
        var count = (int)Math.Min(buffer.Length, length - _position);
        Fill(buffer[..count], _position);
        _position += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(Read(buffer.Span));
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
