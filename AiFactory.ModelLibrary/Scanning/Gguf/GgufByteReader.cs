using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace AiFactory.ModelLibrary.Scanning.Gguf;

/// <summary>
/// Reads little-endian values forward through one buffer of 64 KiB, knows at which byte of the file it stands, and never trusts a
/// length: a string is measured against what is left of the file and against its limit before a byte of it is held.
/// </summary>
internal sealed class GgufByteReader(Stream stream, long length, long headerLimit)
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;
    private long _bufferedAt;

    /// <summary>The byte of the file that is read next.</summary>
    internal long Position => _bufferedAt + _start;

    internal long Length => length;

    internal long Left => length - Position;

    internal async ValueTask<byte> ReadByteAsync(string what, CancellationToken cancellationToken)
    {
        await EnsureAsync(1, what, cancellationToken);
        return _buffer[_start++];
    }

    internal async ValueTask<uint> ReadUInt32Async(string what, CancellationToken cancellationToken)
    {
        await EnsureAsync(4, what, cancellationToken);
        var value = BinaryPrimitives.ReadUInt32LittleEndian(_buffer.AsSpan(_start));
        _start += 4;
        return value;
    }

    internal async ValueTask<ulong> ReadUInt64Async(string what, CancellationToken cancellationToken)
    {
        await EnsureAsync(8, what, cancellationToken);
        var value = BinaryPrimitives.ReadUInt64LittleEndian(_buffer.AsSpan(_start));
        _start += 8;
        return value;
    }

    /// <summary>Reads a scalar of 1, 2, 4 or 8 bytes into the low bytes of the result.</summary>
    internal async ValueTask<ulong> ReadScalarAsync(int bytes, string what, CancellationToken cancellationToken)
    {
        await EnsureAsync(bytes, what, cancellationToken);
        ulong value = 0;
        for (var index = bytes - 1; index >= 0; index--)
        {
            value = (value << 8) | _buffer[_start + index];
        }

        _start += bytes;
        return value;
    }

    /// <summary>A string is its length in bytes (uint64), then UTF-8 without a closing zero: <c>05 00 00 00 00 00 00 00 6c 6c 61 6d 61</c>. Engines end it at a zero and Postgres takes none, so none is let in.</summary>
    internal async ValueTask<string> ReadStringAsync(string what, int limit, CancellationToken cancellationToken)
    {
        var at = Position;
        var bytes = await ReadStringBytesAsync(what, limit, cancellationToken);
        var zero = Array.IndexOf(bytes, (byte)0);
        if (zero >= 0)
        {
            throw new GgufFormatException(at + sizeof(ulong) + zero, $"{what} holds the character U+0000");
        }

        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw new GgufFormatException(at, $"{what} is not valid UTF-8");
        }
    }

    /// <summary>The bytes of a string, whatever they are.</summary>
    internal async ValueTask<byte[]> ReadStringBytesAsync(string what, int limit, CancellationToken cancellationToken)
    {
        var bytes = new byte[await ReadStringLengthAsync(what, limit, cancellationToken)];
        var filled = 0;
        while (filled < bytes.Length)
        {
            await EnsureAsync(1, what, cancellationToken);
            var take = Math.Min(_end - _start, bytes.Length - filled);
            _buffer.AsSpan(_start, take).CopyTo(bytes.AsSpan(filled));
            _start += take;
            filled += take;
        }

        return bytes;
    }

    internal async ValueTask SkipStringAsync(string what, int limit, CancellationToken cancellationToken) =>
        await SkipAsync(await ReadStringLengthAsync(what, limit, cancellationToken), what, cancellationToken);

    internal async ValueTask SkipAsync(long bytes, string what, CancellationToken cancellationToken)
    {
        if (bytes > Left)
        {
            throw new GgufFormatException(Position, $"{what} needs {Number(bytes)} bytes and {BytesAreLeft(Left)}");
        }

        while (bytes > 0)
        {
            await EnsureAsync(1, what, cancellationToken);
            var take = (int)Math.Min(_end - _start, bytes);
            _start += take;
            bytes -= take;
        }
    }

    internal static string Number(Int128 value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    private static string BytesAreLeft(long left) =>
        left == 1 ? "1 byte is left in the file" : $"{Number(left)} bytes are left in the file";

    private async ValueTask<int> ReadStringLengthAsync(string what, int limit, CancellationToken cancellationToken)
    {
        var at = Position;
        var size = await ReadUInt64Async($"the length of {what}", cancellationToken);
        if (size > (ulong)Left)
        {
            throw new GgufFormatException(at, $"string length {Number(size)} of {what} exceeds the {Number(Left)} bytes that are left in the file");
        }

        if (size > (ulong)limit)
        {
            throw new GgufFormatException(at, $"string length {Number(size)} of {what} exceeds the limit of {Number(limit)} bytes");
        }

        return (int)size;
    }

    private async ValueTask EnsureAsync(int bytes, string what, CancellationToken cancellationToken)
    {
        if (_end - _start >= bytes)
        {
            return;
        }

        if (Left < bytes)
        {
            throw new GgufFormatException(Position, $"the file ends inside {what}: {Number(bytes)} bytes are needed and {BytesAreLeft(Left)}");
        }

        if (Position + bytes > headerLimit)
        {
            throw new GgufFormatException(Position, $"metadata and tensor list exceed the limit of {Number(headerLimit)} bytes");
        }

        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        _bufferedAt += _start;
        _end -= _start;
        _start = 0;
        while (_end < bytes)
        {
            var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            if (read == 0)
            {
                // The object is shorter than its own record says: storage is at fault, not the model.
                throw new EndOfStreamException($"The stream ended at byte {_bufferedAt + _end} of {length}.");
            }

            _end += read;
        }
    }
}
