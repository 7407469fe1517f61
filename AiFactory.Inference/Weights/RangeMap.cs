using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace AiFactory.Inference.Weights;

/// <summary>
/// Which ranges of a partial file are there: a small file beside it, so that a process that was killed goes on where it was.
/// <code>
/// 41 46 52 31              "AFR1"
/// 00 00 80 00              bytes of a range (uint32)
/// 40 42 0f 00 00 00 00 00  bytes of the whole file (uint64)
/// 32 bytes                 SHA-256 of the object's ETag: ranges of two versions do not go together
/// 01 00 01 ...             one byte for each range: 1 when it is there
/// </code>
/// </summary>
internal sealed class RangeMap : IDisposable
{
    private const int HeaderBytes = 48;
    private readonly SafeFileHandle _file;
    private readonly byte[] _done;

    private RangeMap(SafeFileHandle file, byte[] done, int rangeBytes, long size)
    {
        _file = file;
        _done = done;
        RangeBytes = rangeBytes;
        Size = size;
    }

    public int RangeBytes { get; }

    public long Size { get; }

    public int Count => _done.Length;

    /// <summary>Opens what an earlier attempt left, if it is of this very object, else begins anew.</summary>
    /// <param name="isContinued">Whether there is something to go on with.</param>
    public static RangeMap Open(string path, string partialPath, long size, string etag, int rangeBytes, out bool isContinued)
    {
        var file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        try
        {
            if (TryRead(file, size, etag) is var (done, kept) && new FileInfo(partialPath) is { Exists: true } partial && partial.Length == size)
            {
                isContinued = done.Contains((byte)1);
                return new RangeMap(file, done, kept, size);
            }

            isContinued = false;
            var fresh = new byte[checked((int)((size + rangeBytes - 1) / rangeBytes))];
            var header = new byte[HeaderBytes + fresh.Length];
            "AFR1"u8.CopyTo(header);
            BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(4), rangeBytes);
            BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(8), size);
            Hash(etag).CopyTo(header, 16);
            RandomAccess.SetLength(file, 0);
            RandomAccess.Write(file, header, 0);
            return new RangeMap(file, fresh, rangeBytes, size);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public bool IsDone(int range) => _done[range] != 0;

    public long Start(int range) => (long)range * RangeBytes;

    public long Length(int range) => Math.Min(RangeBytes, Size - Start(range));

    /// <summary>1. Its bytes reach the disk. 2. The mark is written: who ends in between, be it the machine, loses at most the mark. Where nobody said the digest nothing else would tell bytes that were lost.</summary>
    /// <param name="data">The partial file, with the range's bytes written.</param>
    public void Mark(int range, SafeFileHandle data)
    {
        RandomAccess.FlushToDisk(data);
        _done[range] = 1;
        RandomAccess.Write(_file, [1], HeaderBytes + range);
    }

    public void Dispose() => _file.Dispose();

    private static (byte[] Done, int RangeBytes)? TryRead(SafeFileHandle file, long size, string etag)
    {
        var length = RandomAccess.GetLength(file);
        if (length is < HeaderBytes or > HeaderBytes + (1 << 26))
        {
            return null;
        }

        var bytes = new byte[length];
        var rangeBytes = RandomAccess.Read(file, bytes, 0) == length && bytes.AsSpan().StartsWith("AFR1"u8) ? BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(4)) : 0;
        return rangeBytes > 0
            && BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(8)) == size
            && bytes.AsSpan(16, 32).SequenceEqual(Hash(etag))
            && length - HeaderBytes == (size + rangeBytes - 1) / rangeBytes
            ? (bytes[HeaderBytes..], rangeBytes)
            : null;
    }

    private static byte[] Hash(string etag) => SHA256.HashData(Encoding.UTF8.GetBytes(etag));
}
