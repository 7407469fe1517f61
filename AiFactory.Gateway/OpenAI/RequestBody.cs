using System.Buffers;

namespace AiFactory.Gateway.OpenAI;

/// <summary>A request's whole body in a rented buffer, so that it can be sent again to another replica. Dispose it when nothing sends it any more.</summary>
internal struct RequestBody : IDisposable
{
    private const int FirstSize = 8 * 1024;

    /// <summary>What is rented on the word of a declared length; more only as the bytes arrive.</summary>
    private const int LargestFirstSize = 64 * 1024;

    private byte[]? _buffer;

    /// <summary>Rented beyond a declared length, so that a <see cref="Splice"/> finds room.</summary>
    private const int Slack = 64;

    private RequestBody(byte[] buffer, int length)
    {
        _buffer = buffer;
        Length = length;
    }

    public int Length { get; private set; }

    public readonly byte[] Buffer => _buffer ?? [];

    public readonly ReadOnlySpan<byte> Span => Buffer.AsSpan(0, Length);

    /// <returns>Null when the body is larger than <paramref name="limit"/> bytes.</returns>
    /// <exception cref="BadHttpRequestException">The body is not framed as HTTP has it.</exception>
    public static async ValueTask<RequestBody?> ReadAsync(HttpRequest request, int limit, CancellationToken cancellationToken)
    {
        // 1. A declared length says what to refuse unread, and how much to rent when it is small.
        if (request.ContentLength > limit)
        {
            return null;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(request.ContentLength is { } declared ? (int)Math.Min(declared + 1 + Slack, LargestFirstSize) : FirstSize);
        var length = 0;
        try
        {
            // 2. Read to the end; the buffer doubles when it is full.
            while (true)
            {
                var read = await request.Body.ReadAsync(buffer.AsMemory(length), cancellationToken);
                if (read == 0)
                {
                    var body = new RequestBody(buffer, length);
                    buffer = null;
                    return body;
                }

                length += read;
                if (length > limit)
                {
                    return null;
                }

                if (length == buffer.Length)
                {
                    buffer = Grow(buffer, length, limit);
                }
            }
        }
        catch (IOException broken) when (broken is not BadHttpRequestException && !cancellationToken.IsCancellationRequested)
        {
            // Kestrel says so of a chunk whose size is no number that it has room for.
            throw new BadHttpRequestException(broken.Message, StatusCodes.Status400BadRequest, broken);
        }
        finally
        {
            if (buffer is not null)
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    /// <summary>Puts the text in the place of some bytes, and moves what is behind them.</summary>
    public void Splice(int at, int removed, ReadOnlySpan<byte> text)
    {
        var (buffer, length) = (Buffer, Length - removed + text.Length);
        var target = buffer;
        if (length > buffer.Length)
        {
            target = ArrayPool<byte>.Shared.Rent(length);
            buffer.AsSpan(0, at).CopyTo(target);
        }

        buffer.AsSpan(at + removed, Length - at - removed).CopyTo(target.AsSpan(at + text.Length));
        text.CopyTo(target.AsSpan(at));
        if (target != buffer)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        (_buffer, Length) = (target, length);
    }

    /// <summary>Puts other bytes in the place of all of it.</summary>
    /// <param name="rented">Given back with the body.</param>
    public void Replace(byte[] rented, int length)
    {
        Dispose();
        (_buffer, Length) = (rented, length);
    }

    public void Dispose()
    {
        if (_buffer is { } buffer)
        {
            _buffer = null;
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static byte[] Grow(byte[] buffer, int length, int limit)
    {
        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(buffer.Length * 2L, limit + 1L));
        buffer.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}
