using System.Buffers.Binary;
using System.Numerics;

namespace AiFactory.ServiceDefaults.Outbox;

/// <summary>
/// How an entry lies in a segment: its length and the CRC-32C of its bytes, both little-endian, then the bytes. What is not written yet is zero, so a length of 0 is the end.
/// <code>
/// 03 00 00 00 | xx xx xx xx | 'a' 'b' 'c'
/// </code>
/// </summary>
internal static class OutboxFrame
{
    public const int HeadSize = 8;

    public static void WriteHead(Span<byte> head, ReadOnlySpan<byte> entry)
    {
        BinaryPrimitives.WriteInt32LittleEndian(head, entry.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(head[4..], Checksum(entry));
    }

    /// <summary>The next whole entry; false at the end, and where a crash tore one.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> entry)
    {
        entry = default;
        if (bytes.Length <= HeadSize)
        {
            return false;
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (length <= 0 || length > bytes.Length - HeadSize)
        {
            return false;
        }

        entry = bytes.Slice(HeadSize, length);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) == Checksum(entry);
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        foreach (var value in bytes)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return ~crc;
    }
}
