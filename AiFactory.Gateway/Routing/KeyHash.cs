using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace AiFactory.Gateway.Routing;

/// <summary>SHA-256 of an API key: what the gateway knows of it. A look-up by hash tells a forger nothing by its time, for the hash of a guess cannot be steered.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct KeyHash(ulong A, ulong B, ulong C, ulong D)
{
    /// <param name="utf8">The whole key as the client sent it.</param>
    public static KeyHash Of(ReadOnlySpan<byte> utf8)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(utf8, hash);
        return MemoryMarshal.Read<KeyHash>(hash);
    }

    /// <param name="hex">64 hexadecimal digits.</param>
    public static bool TryParse([NotNullWhen(true)] string? hex, out KeyHash hash)
    {
        hash = default;
        Span<byte> bytes = stackalloc byte[SHA256.HashSizeInBytes];
        if (hex is not { Length: SHA256.HashSizeInBytes * 2 }
            || Convert.FromHexString(hex, bytes, out _, out var written) != System.Buffers.OperationStatus.Done
            || written != bytes.Length)
        {
            return false;
        }

        hash = MemoryMarshal.Read<KeyHash>(bytes);
        return true;
    }

    /// <summary>The hash is uniform already: its first bits are as good as any mix of all.</summary>
    public override int GetHashCode() => (int)A;
}
