using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.CompilerServices;
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
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public ulong Scalar(int bytes, string what, int? index = null)
    {
        Fill(_scalar.AsSpan(0, bytes), what, index);
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

    /// <summary>The bytes of a text, until the next call. A model has hundreds of thousands: optimised from the first one on, and named only where one is wrong.</summary>
    /// <param name="index">Which of them, where <paramref name="what"/> has several.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public ReadOnlySpan<byte> TextBytes(string what, int limit, int? index = null)
    {
        var size = Scalar(8, what, index);
        if (size > (ulong)(Length - Position) || size > (ulong)limit)
        {
            throw new GgufException($"{Name(what, index)} has a length of {size} bytes; {Number(Length - Position)} are left in the file, and {Number(limit)} are the most");
        }

        if (_text.Length < (int)size)
        {
            _text = new byte[Math.Max((int)size, _text.Length * 2)];
        }

        var bytes = _text.AsSpan(0, (int)size);
        Fill(bytes, what, index);
        // llama.cpp ends texts at a zero in some places and not in others.
        return bytes.Contains((byte)0) ? throw new GgufException($"{Name(what, index)} holds the character U+0000") : bytes;
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

    private static string Name(string what, int? index) => index is null ? what : $"{what} {index}";

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Fill(Span<byte> bytes, string what, int? index)
    {
        if (bytes.Length > Length - Position)
        {
            throw new GgufException($"the file ends inside {Name(what, index)}");
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
