using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace AiFactory.Gateway.Routing;

/// <summary>64 bits of a text, the same in every process: gateways that know nothing of each other then choose alike. It guards nothing.</summary>
internal static class Hash
{
    private const ulong Prime = 0x9E3779B97F4A7C15;

    public static ulong Of(ReadOnlySpan<byte> bytes)
    {
        var hash = (ulong)bytes.Length * Prime;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
        {
            hash = Mix(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        foreach (var last in bytes)
        {
            hash = (hash ^ last) * Prime;
        }

        return Mix(hash);
    }

    public static ulong Of(string text) => Of(MemoryMarshal.AsBytes(text.AsSpan()));

    /// <summary>The finalizer of MurmurHash3: every bit that goes in moves half of those that come out.</summary>
    public static ulong Mix(ulong bits)
    {
        bits = (bits ^ (bits >> 33)) * 0xFF51AFD7ED558CCD;
        bits = (bits ^ (bits >> 33)) * 0xC4CEB9FE1A85EC53;
        return bits ^ (bits >> 33);
    }
}
