namespace AiFactory.ServiceDefaults.Outbox;

/// <summary>
/// Entries on their way to a database that may be away: appended from any thread without I/O, read in their order by one reader, which deletes what it has delivered. They are files
/// and not rows because whoever writes them must not wait for a database, nor stop with it. An entry outlives <c>kill -9</c> as soon as <see cref="TryAppend"/> has returned, and
/// a power cut after the next <see cref="Sync"/>. Delivery is at least once: the receiver knows an entry by an id of its own.
/// </summary>
public sealed class FileOutbox : IDisposable
{
    private readonly Lock _lock = new();
    private readonly string _folder;
    private readonly int _segmentBytes;
    private readonly long _limitBytes;
    private readonly FileStream _owner;
    private readonly List<OutboxSegment> _segments = [];
    private OutboxSegment? _active;
    private OutboxSegment? _next;
    private long _lastNumber;
    private bool _closed;
    private int _unsynced;

    private FileOutbox(string folder, int segmentBytes, long limitBytes, FileStream owner) =>
        (_folder, _segmentBytes, _limitBytes, _owner) = (folder, segmentBytes, limitBytes, owner);

    /// <summary>Up to here an earlier process has written.</summary>
    public OutboxPosition Inherited { get; private set; }

    /// <summary>What a crash of the earlier process, or of its machine, tore off.</summary>
    public int TornBytes { get; private set; }

    /// <summary>True from the first entry that is not on the disk for sure until <see cref="Sync"/>.</summary>
    public bool NeedsSync => Volatile.Read(ref _unsynced) == 1;

    /// <summary>True when the segment in use is the last that there is: <see cref="Prepare"/> makes another.</summary>
    public bool NeedsSegment
    {
        get
        {
            lock (_lock)
            {
                return !_closed && _next is null;
            }
        }
    }

    /// <summary>Bytes of entries that nobody has deleted.</summary>
    public long Size
    {
        get
        {
            lock (_lock)
            {
                return _segments.Sum(segment => (long)segment.Tail);
            }
        }
    }

    /// <summary>Behind the last entry that was kept before this call.</summary>
    public OutboxPosition End
    {
        get
        {
            lock (_lock)
            {
                return _segments is [.., var last] ? new OutboxPosition(last.Number, last.Tail) : default;
            }
        }
    }

    /// <summary>Opens the folder, which is made when it is absent, for this process alone. It takes entries once <see cref="Prepare"/> was called.</summary>
    /// <param name="limitBytes">Of all segments together; an entry beyond is refused.</param>
    /// <exception cref="IOException">Another process has it, or the disk takes no file.</exception>
    public static FileOutbox Open(string folder, int segmentBytes, long limitBytes)
    {
        OutboxFiles.CreateFolder(folder);
        var outbox = new FileOutbox(folder, segmentBytes, limitBytes, OutboxFiles.Lock(Path.Combine(folder, "owner.lock")));
        try
        {
            foreach (var path in OutboxSegment.Find(folder))
            {
                var segment = OutboxSegment.Open(path, out var torn);
                outbox._segments.Add(segment);
                outbox.TornBytes += torn;
                outbox._lastNumber = segment.Number;
                outbox.Inherited = new OutboxPosition(segment.Number, segment.Tail);
            }

            return outbox;
        }
        catch
        {
            outbox.Dispose();
            throw;
        }
    }

    /// <summary>False when there is no room, which <see cref="Prepare"/> makes: the entry is not kept.</summary>
    /// <param name="wake">Whether <see cref="Sync"/> or <see cref="Prepare"/> has to be called, and nobody was told so yet.</param>
    public bool TryAppend(ReadOnlySpan<byte> entry, out bool wake)
    {
        wake = false;
        lock (_lock)
        {
            if (_closed)
            {
                return false;
            }

            if (_active is null || !_active.TryAppend(entry))
            {
                if (_next is not { } next || !next.TryAppend(entry))
                {
                    wake = _next is null;
                    return false;
                }

                _segments.Add(next);
                (_active, _next, wake) = (next, null, true);
            }
        }

        wake |= Interlocked.Exchange(ref _unsynced, 1) == 0;
        return true;
    }

    /// <summary>Makes the segment that comes after the one in use. False when the limit is reached.</summary>
    /// <exception cref="IOException">The disk has no room.</exception>
    public bool Prepare()
    {
        lock (_lock)
        {
            if (_closed || _next is not null)
            {
                return true;
            }

            // Inherited ones were cut to their entries.
            if (_segments.Sum(segment => (long)Math.Max(segment.Tail, segment.Number > Inherited.Segment ? _segmentBytes : 0)) + _segmentBytes > _limitBytes)
            {
                return false;
            }
        }

        // Only this makes segments, so the number is free; who appends does not wait for the disk.
        var made = OutboxSegment.Create(_folder, ++_lastNumber, _segmentBytes);
        lock (_lock)
        {
            if (!_closed)
            {
                _next = made;
                return true;
            }
        }

        made.Delete();
        return true;
    }

    /// <summary>What was appended before this call is on the disk when it returns.</summary>
    public void Sync()
    {
        // Only Prepare makes segments, and whoever calls this calls that: no more than two were written since.
        OutboxSegment[] written;
        OutboxSegment? active;
        lock (_lock)
        {
            Volatile.Write(ref _unsynced, 0);
            (written, active) = (_closed ? [] : [.. _segments.TakeLast(2)], _active);
        }

        foreach (var segment in written)
        {
            try
            {
                segment.Sync();
                if (segment != active)
                {
                    segment.Unmap();
                }
            }
            catch (ObjectDisposedException)
            {
                // Delivered and deleted meanwhile.
            }
        }
    }

    /// <summary>Fills the buffer with entries from a position on. Where a segment is read to its end and is written no more, the position goes on to the next one.</summary>
    /// <param name="buffer">Larger than any entry.</param>
    /// <param name="take">Called with each whole entry and the segment that it lies in.</param>
    /// <returns>The position behind the last entry that was taken; the one given when there is none.</returns>
    public OutboxPosition Read(OutboxPosition from, byte[] buffer, OutboxEntryReader take)
    {
        ArgumentNullException.ThrowIfNull(take);
        OutboxSegment? segment;
        bool written;
        lock (_lock)
        {
            segment = _segments.Find(each => each.Number >= from.Segment);
            written = segment is not null && segment == _active;
        }

        if (segment is null)
        {
            return from;
        }

        var position = segment.Number == from.Segment ? from : new OutboxPosition(segment.Number, 0);
        var bytes = buffer.AsSpan(0, segment.Read(buffer, position.Offset));
        while (OutboxFrame.TryRead(bytes, out var entry))
        {
            take(entry, segment.Number);
            bytes = bytes[(OutboxFrame.HeadSize + entry.Length)..];
            position = position with { Offset = position.Offset + OutboxFrame.HeadSize + entry.Length };
        }

        return !written && position.Offset >= segment.Tail ? new OutboxPosition(segment.Number + 1, 0) : position;
    }

    /// <summary>Deletes the segments before that position: what was in them is delivered.</summary>
    public void DeleteBefore(OutboxPosition position)
    {
        while (true)
        {
            OutboxSegment segment;
            lock (_lock)
            {
                if (_segments.Count == 0 || _segments[0].Number >= position.Segment || _segments[0] == _active)
                {
                    return;
                }

                segment = _segments[0];
                _segments.RemoveAt(0);
            }

            segment.Delete();
        }
    }

    /// <summary>Takes no more. What was delivered up to this position leaves no file behind.</summary>
    public void Close(OutboxPosition delivered)
    {
        Sync();
        lock (_lock)
        {
            if (_closed)
            {
                return;
            }

            _closed = true;
        }

        _next?.Delete();
        foreach (var segment in _segments)
        {
            if (segment.Number < delivered.Segment || (segment.Number == delivered.Segment && segment.Tail <= delivered.Offset))
            {
                segment.Delete();
            }
            else
            {
                segment.Dispose();
            }
        }

        _owner.Dispose();
    }

    public void Dispose() => Close(default);
}
