using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace AiFactory.Inference.Weights.Gguf;

/// <summary>Little-endian values, forward. A length is measured against what is left of the file before a byte of it is held.</summary>
internal sealed class GgufBytes(Stream stream)
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);
    private readonly byte[] _scalar = new byte[8];
    private byte[] _text = new byte[256];

    public long Length { get; } = stream.Length;

    public long Position { get; private set; }

    public uint UInt32(string what) => (uint)Scalar(4, what);

    public ulong UInt64(string what) => Scalar(8, what);

    /// <summary>A scalar of 1, 2, 4 or 8 bytes, in the low bytes of the result.</summary>
    public ulong Scalar(int bytes, string what)
    {
        Fill(_scalar.AsSpan(0, bytes), what);
        _scalar.AsSpan(bytes).Clear();
        return BinaryPrimitives.ReadUInt64LittleEndian(_scalar);
    }

    /// <summary>A text is its length in bytes (uint64), then UTF-8 without a closing zero.</summary>
    public string Text(string what, int limit)
    {
        try
        {
            return StrictUtf8.GetString(TextBytes(what, limit));
        }
        catch (DecoderFallbackException)
        {
            throw new GgufException($"{what} is not valid UTF-8");
        }
    }

    /// <summary>The bytes of a text, until the next call.</summary>
    public ReadOnlySpan<byte> TextBytes(string what, int limit)
    {
        var size = UInt64(what);
        if (size > (ulong)(Length - Position) || size > (ulong)limit)
        {
            throw new GgufException($"{what} has a length of {size} bytes; {Number(Length - Position)} are left in the file, and {Number(limit)} are the most");
        }

        if (_text.Length < (int)size)
        {
            _text = new byte[Math.Max((int)size, _text.Length * 2)];
        }

        var bytes = _text.AsSpan(0, (int)size);
        Fill(bytes, what);
        // llama.cpp ends texts at a zero in some places and not in others.
        return bytes.Contains((byte)0) ? throw new GgufException($"{what} holds the character U+0000") : bytes;
    }

    public void Skip(long bytes, string what)
    {
        if (bytes > Length - Position)
        {
            throw new GgufException($"{what} needs {Number(bytes)} bytes, {Number(Length - Position)} are left in the file");
        }

        Advance(bytes);
        stream.Seek(bytes, SeekOrigin.Current);
    }

    public static string Number(Int128 value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    private void Fill(Span<byte> bytes, string what)
    {
        if (bytes.Length > Length - Position)
        {
            throw new GgufException($"the file ends inside {what}");
        }

        Advance(bytes.Length);
        stream.ReadExactly(bytes);
    }

    private void Advance(long bytes)
    {
        Position += bytes;
        if (Position > GgufLimits.HeaderBytes)
        {
            throw new GgufException($"metadata and tensor list exceed {Number(GgufLimits.HeaderBytes)} bytes");
        }
    }
}
