namespace AiFactory.Gateway.Batches.Running;

/// <summary>The lines of a file, one after the other, with their places: memory is bounded by the longest line that is taken.</summary>
internal sealed class LineReader(Stream stream, int longest)
{
    private byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;
    private int _searched;
    private long _offset;
    private bool _ended;

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>From 1.</summary>
    public int Number { get; private set; }

    /// <summary>Of the line's first byte in the file.</summary>
    public long Offset { get; private set; }

    /// <summary>Without the line's end. Valid until the next call; empty where <see cref="IsTooLong"/>.</summary>
    public ReadOnlyMemory<byte> Line { get; private set; }

    public bool IsTooLong { get; private set; }

    /// <returns>False at the end of the file.</returns>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        (IsTooLong, Line) = (false, default);
        while (true)
        {
            // 1. A line that is there.
            var found = _buffer.AsSpan(_searched, _end - _searched).IndexOf((byte)'\n');
            if (found >= 0)
            {
                Take(_searched + found, 1);
                return true;
            }

            _searched = _end;
            if (_ended)
            {
                // The last may have no end of its own.
                if (_start == _end && !IsTooLong)
                {
                    return false;
                }

                Take(_end, 0);
                return true;
            }

            // 2. More of it. What is too long is not kept.
            if (_end - _start > longest)
            {
                IsTooLong = true;
                _offset += _end - _start;
                (_start, _end, _searched) = (0, 0, 0);
            }

            MakeRoom();
            var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            _end += read;
            _ended = read == 0;
        }
    }

    private void Take(int end, int terminator)
    {
        Number++;
        var from = _start;
        if (Number == 1 && !IsTooLong && _buffer.AsSpan(from, end - from).StartsWith(ByteOrderMark))
        {
            from += ByteOrderMark.Length;
        }

        Offset = _offset + (from - _start);
        IsTooLong |= end - from > longest;
        Line = IsTooLong ? default : _buffer.AsMemory(from, end - from);
        _offset += end + terminator - _start;
        _start = _searched = end + terminator;
    }

    private void MakeRoom()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end, _searched) = (0, _end - _start, _searched - _start);
        }

        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }
    }
}
