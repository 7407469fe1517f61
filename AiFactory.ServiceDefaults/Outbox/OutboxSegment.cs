using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace AiFactory.ServiceDefaults.Outbox;

/// <summary>
/// One file of an outbox. The one that is written is mapped: an entry is copied into the kernel's pages with no call in between, so it outlives the process from that moment on.
/// The file is written full of zeros first: a disk without room says so then, and not by a fault in the middle of an entry.
/// </summary>
internal sealed class OutboxSegment : IDisposable
{
    private const string Extension = ".outbox";
    private static readonly byte[] Zeros = new byte[64 * 1024];

    private readonly SafeFileHandle _file;
    private readonly MemoryMappedFile? _map;
    private readonly MemoryMappedViewAccessor? _view;
    private readonly int _size;
    private int _tail;

    private OutboxSegment(long number, string path, SafeFileHandle file, int size, int tail, bool mapped)
    {
        (Number, Path, _file, _size, _tail) = (number, path, file, size, tail);
        if (mapped)
        {
            _map = MemoryMappedFile.CreateFromFile(file, null, size, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: true);
            _view = _map.CreateViewAccessor(0, size, MemoryMappedFileAccess.ReadWrite);
        }
    }

    public long Number { get; }

    public string Path { get; }

    /// <summary>Where its entries end. It grows while the segment is written.</summary>
    public int Tail => Volatile.Read(ref _tail);

    /// <exception cref="IOException">The disk has no room, or does not take the file.</exception>
    public static OutboxSegment Create(string folder, long number, int size)
    {
        var path = System.IO.Path.Combine(folder, $"{number:D12}{Extension}");
        var file = OutboxFiles.Create(path);
        try
        {
            for (var at = 0; at < size; at += Zeros.Length)
            {
                RandomAccess.Write(file, Zeros.AsSpan(0, Math.Min(Zeros.Length, size - at)), at);
            }

            return new OutboxSegment(number, path, file, size, 0, mapped: true);
        }
        catch
        {
            file.Dispose();
            File.Delete(path);
            throw;
        }
    }

    /// <summary>One that an earlier process wrote. What its end tore is cut off.</summary>
    /// <param name="torn">The bytes that were cut off and were not zero.</param>
    public static OutboxSegment Open(string path, out int torn)
    {
        var number = long.Parse(System.IO.Path.GetFileNameWithoutExtension(path), System.Globalization.CultureInfo.InvariantCulture);
        var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
        try
        {
            var bytes = new byte[RandomAccess.GetLength(file)];
            var length = Fill(file, bytes, 0);
            var tail = 0;
            while (OutboxFrame.TryRead(bytes.AsSpan(tail, length - tail), out var entry))
            {
                tail += OutboxFrame.HeadSize + entry.Length;
            }

            torn = bytes.AsSpan(tail, length - tail).LastIndexOfAnyExcept((byte)0) + 1;
            RandomAccess.SetLength(file, tail);
            return new OutboxSegment(number, path, file, tail, tail, mapped: false);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The segments of a folder, oldest first.</summary>
    public static IEnumerable<string> Find(string folder) =>
        Directory.EnumerateFiles(folder, $"*{Extension}").Order(StringComparer.Ordinal);

    /// <summary>False when it is full. Only one thread may append at a time.</summary>
    public bool TryAppend(ReadOnlySpan<byte> entry)
    {
        var tail = _tail;
        if (_view is not { } view || tail + OutboxFrame.HeadSize + entry.Length > _size)
        {
            return false;
        }

        Span<byte> head = stackalloc byte[OutboxFrame.HeadSize];
        OutboxFrame.WriteHead(head, entry);
        var at = (ulong)(view.PointerOffset + tail);
        view.SafeMemoryMappedViewHandle.WriteSpan<byte>(at + OutboxFrame.HeadSize, entry);
        view.SafeMemoryMappedViewHandle.WriteSpan<byte>(at, head);
        Volatile.Write(ref _tail, tail + OutboxFrame.HeadSize + entry.Length);
        return true;
    }

    /// <summary>Its bytes from there on, at most up to <see cref="Tail"/>.</summary>
    public int Read(Span<byte> buffer, int from) => Fill(_file, buffer[..Math.Min(buffer.Length, Tail - from)], from);

    public void Sync() => RandomAccess.FlushToDisk(_file);

    /// <summary>It is written no more: its pages need not be this process's.</summary>
    public void Unmap()
    {
        _view?.Dispose();
        _map?.Dispose();
    }

    public void Delete()
    {
        Dispose();
        File.Delete(Path);
    }

    public void Dispose()
    {
        Unmap();
        _file.Dispose();
    }

    private static int Fill(SafeFileHandle file, Span<byte> buffer, long from)
    {
        var filled = 0;
        while (filled < buffer.Length && RandomAccess.Read(file, buffer[filled..], from + filled) is var read and > 0)
        {
            filled += read;
        }

        return filled;
    }
}
