using System.Buffers;

namespace AiFactory.Gateway.Metering;

/// <summary>The last entry of a request that has begun and not ended, in a rented buffer: it lives for about as long as the request.</summary>
/// <param name="Segment">The one that holds it.</param>
internal readonly record struct OpenEntry(byte[] Buffer, int Length, long Segment)
{
    public Span<byte> Bytes => Buffer.AsSpan(0, Length);

    public static OpenEntry Of(ReadOnlySpan<byte> entry, long segment)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(entry.Length);
        entry.CopyTo(buffer);
        return new OpenEntry(buffer, entry.Length, segment);
    }

    public void Release() => ArrayPool<byte>.Shared.Return(Buffer);
}
