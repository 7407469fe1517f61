using System.Buffers;
using System.Globalization;

namespace AiFactory.Gateway.Guardrails.Texts;

/// <summary>
/// A text that is JSON itself, of which more may come, as its reader gets it: escapes undone, each sign with the place where it stands. So a finding is masked where it was written, and what is not masked stays as it was.
/// <code>{"to":"ada\u0040example.org"}</code>
/// </summary>
internal sealed class JsonSource : IDisposable
{
    /// <summary><c>\u0040</c>.</summary>
    private const int LongestEscape = 6;

    private char[] _written = [];
    private int _length;

    /// <summary>Of each sign that was read, where it begins.</summary>
    private int[] _places = [];
    private int _count;

    /// <summary>All before it was read.</summary>
    private int _read;

    /// <summary>How much of it is no whole escape yet.</summary>
    public int Pending => _length - _read;

    public void Reset() => (_length, _count, _read) = (0, 0, 0);

    public void Append(ReadOnlySpan<char> piece)
    {
        Grow(piece.Length);
        piece.CopyTo(_written.AsSpan(_length));
        _length += piece.Length;
    }

    /// <summary>What stands between the quotes of a JSON string that holds it.</summary>
    public void Append(ReadOnlySpan<byte> raw)
    {
        Grow(raw.Length);
        _length += JsonText.Decode(raw, _written.AsSpan(_length));
    }

    /// <summary>What can be read of it now.</summary>
    /// <param name="to">Of at least <see cref="Pending"/> signs.</param>
    /// <param name="isEnd">Whether no more comes: half an escape stands for itself.</param>
    /// <returns>How many signs it is.</returns>
    public int Read(Span<char> to, bool isEnd)
    {
        var count = 0;
        if (_count + Pending > _places.Length)
        {
            Array.Resize(ref _places, Math.Max(_count + Pending, _places.Length * 2));
        }

        while (_read < _length)
        {
            var (sign, taken) = (_written[_read], 1);
            if (sign == '\\' && !Escape(_written.AsSpan(_read, _length - _read), isEnd, out sign, out taken))
            {
                break;
            }

            (to[count++], _places[_count++]) = (sign, _read);
            _read += taken;
        }

        return count;
    }

    /// <summary>As they were written: the signs that were read, from one to before another.</summary>
    public ReadOnlySpan<char> Written(int from, int to) => _written.AsSpan(PlaceOf(from)..PlaceOf(to));

    /// <summary>Forgets the first of them.</summary>
    public void Drop(int count)
    {
        var place = PlaceOf(count);
        _written.AsSpan(place, _length - place).CopyTo(_written);
        for (var i = count; i < _count; i++)
        {
            _places[i - count] = _places[i] - place;
        }

        (_length, _read, _count) = (_length - place, _read - place, _count - count);
    }

    public void Dispose()
    {
        Return();
        _written = [];
    }

    /// <returns>False where it is not whole yet.</returns>
    private static bool Escape(ReadOnlySpan<char> text, bool isEnd, out char sign, out int taken)
    {
        (sign, taken) = (text.Length == 1 ? '\\' : text[1], Math.Min(text.Length, 2));
        if (text.Length == 1)
        {
            return isEnd;
        }

        switch (sign)
        {
            case 'b':
                sign = '\b';
                break;
            case 'f':
                sign = '\f';
                break;
            case 'n':
                sign = '\n';
                break;
            case 'r':
                sign = '\r';
                break;
            case 't':
                sign = '\t';
                break;
            case 'u' when text.Length >= LongestEscape:
                if (ushort.TryParse(text[2..LongestEscape], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit))
                {
                    (sign, taken) = ((char)unit, LongestEscape);
                }

                break;
            case 'u':
                return isEnd;
        }

        return true;
    }

    private int PlaceOf(int sign) => sign < _count ? _places[sign] : _read;

    private void Grow(int more)
    {
        if (_length + more > _written.Length)
        {
            var larger = ArrayPool<char>.Shared.Rent(Math.Max(256, _length == 0 ? more : (_length + more) * 2));
            _written.AsSpan(0, _length).CopyTo(larger);
            Return();
            _written = larger;
        }
    }

    private void Return()
    {
        if (_written.Length > 0)
        {
            ArrayPool<char>.Shared.Return(_written);
        }
    }
}
