using System.Buffers;

namespace AiFactory.Gateway.SubRequests;

/// <summary>
/// Takes the bytes of an event stream, cut anywhere, and gives the data of each event that has ended; the framework's parser reads from a stream, and here the pieces
/// are pushed. Names and ids of events are not needed.
/// <code>
/// data: {"id":"chatcmpl-1","choices":[...]}
///
/// data: [DONE]
///
/// </code>
/// </summary>
internal sealed class EventSplitter
{
    /// <summary>Bytes of one line or one event; nothing that a model says at once is as long.</summary>
    private const int Largest = 16 * 1024 * 1024;

    private readonly ArrayBufferWriter<byte> _line = new();
    private readonly ArrayBufferWriter<byte> _data = new();
    private bool _hasData;
    private bool _given;
    private ReadOnlyMemory<byte> _rest;

    /// <param name="piece">Must stay as it is until <see cref="TryRead"/> says no.</param>
    public void Append(ReadOnlyMemory<byte> piece) => _rest = piece;

    /// <param name="data">Valid until the next call.</param>
    /// <exception cref="IOException">A line or an event has no end.</exception>
    public bool TryRead(out ReadOnlyMemory<byte> data)
    {
        data = default;
        if (_given)
        {
            (_given, _hasData) = (false, false);
            _data.ResetWrittenCount();
        }

        while (!_rest.IsEmpty)
        {
            // 1. A line: the piece that began it may have come before.
            var end = _rest.Span.IndexOf((byte)'\n');
            Add(_line, end < 0 ? _rest.Span : _rest.Span[..end]);
            _rest = end < 0 ? default : _rest[(end + 1)..];
            if (end < 0)
            {
                return false;
            }

            // 2. An empty one ends the event.
            var line = _line.WrittenSpan.TrimEnd((byte)'\r');
            if (line.IsEmpty && _hasData)
            {
                _line.ResetWrittenCount();
                _given = true;
                data = _data.WrittenMemory;
                return true;
            }

            Take(line);
            _line.ResetWrittenCount();
        }

        return false;
    }

    private void Take(ReadOnlySpan<byte> line)
    {
        if (!line.StartsWith("data:"u8))
        {
            return;
        }

        if (_hasData)
        {
            Add(_data, "\n"u8);
        }

        _hasData = true;
        var value = line["data:"u8.Length..];
        Add(_data, value.StartsWith(" "u8) ? value[1..] : value);
    }

    private static void Add(ArrayBufferWriter<byte> to, ReadOnlySpan<byte> bytes)
    {
        if (to.WrittenCount + (long)bytes.Length > Largest)
        {
            throw new IOException("The stream has an event without an end.");
        }

        to.Write(bytes);
    }
}
