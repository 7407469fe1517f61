using System.Buffers;

namespace AiFactory.Gateway.Guardrails.Answers;

/// <summary>Takes the bytes of an event stream, cut anywhere, and gives each event that has ended as it was written, its blank line included.</summary>
internal sealed class EventFrames : IDisposable
{
    /// <summary>Bytes of one event; nothing that a model says at once is as long.</summary>
    private const int Largest = 16 * 1024 * 1024;

    private byte[] _bytes = [];
    private int _from;
    private int _length;

    /// <summary>Up to here no event ends.</summary>
    private int _searched;

    /// <summary>Bytes of what was not given yet.</summary>
    public int Waiting => _length - _from;

    /// <exception cref="IOException">An event has no end.</exception>
    public void Append(ReadOnlySpan<byte> piece)
    {
        // What was given before is done with.
        _bytes.AsSpan(_from, _length - _from).CopyTo(_bytes);
        (_length, _searched, _from) = (_length - _from, _searched - _from, 0);
        if (_length + piece.Length > Largest)
        {
            throw new IOException("The stream has an event without an end.");
        }

        if (_length + piece.Length > _bytes.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(4096, (_length + piece.Length) * 2));
            _bytes.AsSpan(0, _length).CopyTo(larger);
            Return();
            _bytes = larger;
        }

        piece.CopyTo(_bytes.AsSpan(_length));
        _length += piece.Length;
    }

    /// <param name="one">Valid until the next piece comes.</param>
    public bool TryRead(out ReadOnlySpan<byte> one)
    {
        while (_bytes.AsSpan(_searched, _length - _searched).IndexOf((byte)'\n') is var line && line >= 0)
        {
            var next = _searched + line + 1;
            var end = next < _length && _bytes[next] == '\n' ? next + 1 : next + 1 < _length && _bytes[next] == '\r' && _bytes[next + 1] == '\n' ? next + 2 : 0;
            if (end > 0)
            {
                one = _bytes.AsSpan(_from, end - _from);
                (_from, _searched) = (end, end);
                return true;
            }

            if (next == _length || (next + 1 == _length && _bytes[next] == '\r'))
            {
                // Whether the next line is blank, the next piece says.
                break;
            }

            _searched = next;
        }

        one = default;
        return false;
    }

    /// <summary>An event without its end, where the stream ended within one.</summary>
    public ReadOnlySpan<byte> Rest() => _bytes.AsSpan(_from, _length - _from);

    public void Dispose()
    {
        Return();
        (_bytes, _from, _length, _searched) = ([], 0, 0, 0);
    }

    private void Return()
    {
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
        }
    }
}
