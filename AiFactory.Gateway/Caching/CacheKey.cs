using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace AiFactory.Gateway.Caching;

/// <summary>SHA-256 of all that an answer depends on: nobody can find two requests that have the same.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct CacheKey(ulong A, ulong B, ulong C, ulong D)
{
    public static CacheKey Of(ReadOnlySpan<byte> form)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(form, hash);
        return From(hash);
    }

    /// <param name="hash">As <see cref="ToBytes"/> made it.</param>
    public static CacheKey From(ReadOnlySpan<byte> hash) => MemoryMarshal.Read<CacheKey>(hash);

    public byte[] ToBytes() => MemoryMarshal.AsBytes(new ReadOnlySpan<CacheKey>(in this)).ToArray();

    /// <summary>The hash is uniform already: its first bits are as good as any mix of all.</summary>
    public override int GetHashCode() => (int)A;
}
