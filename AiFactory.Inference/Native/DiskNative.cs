using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace AiFactory.Inference.Native;

/// <summary>What .NET does not say of a file (statx(2), Linux).</summary>
internal static unsafe partial class DiskNative
{
    private const int CurrentDirectory = -100; // AT_FDCWD
    private const uint Blocks = 0x400; // STATX_BLOCKS
    private const int StructBytes = 256; // struct statx, the same on every processor
    private const int BlocksOffset = 48; // stx_blocks, in units of 512 bytes
    private const uint Identity = 0x40 | 0x80 | 0x100 | 0x200; // STATX_MTIME, STATX_CTIME, STATX_INO, STATX_SIZE
    private const int InodeOffset = 32, SizeOffset = 40, ChangedOffset = 96, ModifiedOffset = 112; // of a time: seconds (64 bits), then nanoseconds (32)

    /// <summary>Bytes that the file takes on the disk: fewer than its length while parts of it were never written. Its length where the system does not say.</summary>
    public static long AllocatedBytes(string path)
    {
        Span<byte> buffer = stackalloc byte[StructBytes];
        try
        {
            fixed (byte* start = buffer)
            {
                if (statx(CurrentDirectory, path, 0, Blocks, start) == 0 && (BinaryPrimitives.ReadUInt32LittleEndian(buffer) & Blocks) != 0)
                {
                    return checked((long)BinaryPrimitives.ReadUInt64LittleEndian(buffer[BlocksOffset..]) * 512);
                }
            }
        }
        catch (Exception error) when (error is EntryPointNotFoundException or DllNotFoundException)
        {
            // Not Linux, or a C library that is older than the call.
        }

        return new FileInfo(path) is { Exists: true } file ? file.Length : 0;
    }

    /// <summary>What of a file is another when its bytes are: null where the system does not say, or there is none.</summary>
    public static FileStamp? Stamp(string path)
    {
        Span<byte> buffer = stackalloc byte[StructBytes];
        try
        {
            fixed (byte* start = buffer)
            {
                return statx(CurrentDirectory, path, 0, Identity, start) == 0 && (BinaryPrimitives.ReadUInt32LittleEndian(buffer) & Identity) == Identity
                    ? new FileStamp(
                        BinaryPrimitives.ReadInt64LittleEndian(buffer[SizeOffset..]),
                        Nanoseconds(buffer[ModifiedOffset..]),
                        Nanoseconds(buffer[ChangedOffset..]),
                        BinaryPrimitives.ReadUInt64LittleEndian(buffer[InodeOffset..]))
                    : null;
            }
        }
        catch (Exception error) when (error is EntryPointNotFoundException or DllNotFoundException)
        {
            return null;
        }
    }

    private static long Nanoseconds(ReadOnlySpan<byte> time) =>
        unchecked((BinaryPrimitives.ReadInt64LittleEndian(time) * 1_000_000_000) + BinaryPrimitives.ReadUInt32LittleEndian(time[8..]));

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int directory, string path, int flags, uint mask, byte* buffer);
}
