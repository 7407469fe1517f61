using System.Buffers;

namespace AiFactory.Gateway.Guardrails.Texts;

/// <summary>The parts of one text, one behind the other; and the same as its reader gets it (<see cref="TextFold"/>), with the place where each sign of that stands.</summary>
internal sealed class TextParts : IDisposable
{
    private readonly List<TextPart> _parts = [];
    private readonly ArrayBufferWriter<char> _output = new();
    private char[] _text = [];
    private int _length;
    private char[] _folded = [];
    private int[] _places = [];
    private int _foldedLength;

    public IReadOnlyList<TextPart> All => _parts;

    public ReadOnlySpan<char> Folded => _folded.AsSpan(0, _foldedLength);

    public ReadOnlySpan<char> TextOf(TextPart part) => _text.AsSpan(part.Start, part.End - part.Start);

    public void Clear()
    {
        (_length, _foldedLength) = (0, 0);
        _parts.Clear();
    }

    /// <param name="raw">As JSON has it.</param>
    public TextPart Add(TextPlace place, ReadOnlySpan<byte> raw)
    {
        Grow(ref _text, _length, raw.Length);
        return Add(place, JsonText.Decode(raw, _text.AsSpan(_length)), isChanged: false);
    }

    /// <summary>Puts another text in the place of the last part.</summary>
    public void Replace(string text)
    {
        var last = _parts[^1];
        _parts.RemoveAt(_parts.Count - 1);
        _length = last.Start;
        Grow(ref _text, _length, text.Length);
        text.CopyTo(_text.AsSpan(_length));
        Add(last.Place, text.Length, isChanged: true);
    }

    public void Fold(TextPart part)
    {
        _foldedLength = 0;
        Append(part);
    }

    /// <summary>All parts as one text.</summary>
    /// <param name="spaced">Whether a space stands between two of them where else two words would be one.</param>
    /// <returns>Whether one stands anywhere.</returns>
    public bool FoldAll(bool spaced)
    {
        var isSpaced = false;
        _foldedLength = 0;
        foreach (var part in _parts)
        {
            var before = _foldedLength;
            Append(part);
            if (spaced && before > 0 && _foldedLength > before && IsOfWord(_folded[before - 1]) && IsOfWord(_folded[before]))
            {
                GrowFolded(1);
                _folded.AsSpan(before, _foldedLength - before).CopyTo(_folded.AsSpan(before + 1));
                _places.AsSpan(before, _foldedLength - before).CopyTo(_places.AsSpan(before + 1));
                (_folded[before], _places[before]) = (' ', part.Start);
                _foldedLength++;
                isSpaced = true;
            }
        }

        return isSpaced;
    }

    /// <summary>Whether a finding in the folded text, or what stands beside it, was folded: else it is in the text as it stands.</summary>
    public bool IsAltered(int start, int end)
    {
        (start, end) = (Math.Max(0, start - 1), Math.Min(_foldedLength, end + 1));
        var from = _places[start];
        return EndOf(end) - from != end - start || !_text.AsSpan(from, end - start).SequenceEqual(_folded.AsSpan(start, end - start));
    }

    /// <summary>Whether a finding in the folded text lies in more than one part.</summary>
    public bool IsAcross(int start, int end) => PartAt(_places[start]) != PartAt(_places[end - 1]);

    /// <summary>Of a finding in the folded text, what it is in the text.</summary>
    public TextMask Unfold(TextMask mask) => mask with { Start = _places[mask.Start], End = mask.End < _foldedLength ? _places[mask.End] : EndOf(mask.End) };

    /// <summary>Writes masks: where one goes over several parts, the first has what is put in its place.</summary>
    /// <param name="masks">In their order, none over another.</param>
    public void Write(List<TextMask> masks, TextRule[] rules, JsonEdits edits)
    {
        var first = 0;
        foreach (var part in _parts)
        {
            var (at, isChanged) = (part.Start, part.IsChanged);
            _output.ResetWrittenCount();
            while (first < masks.Count && masks[first].End <= part.Start)
            {
                first++;
            }

            for (var i = first; i < masks.Count && masks[i].Start < part.End; i++)
            {
                if (masks[i].Start >= part.Start)
                {
                    _output.Write(_text.AsSpan(at, masks[i].Start - at));
                    _output.Write(rules[masks[i].Rule].Replacement);
                }

                (at, isChanged) = (Math.Min(masks[i].End, part.End), true);
            }

            if (isChanged)
            {
                _output.Write(_text.AsSpan(at, part.End - at));
                edits.Add(part.Place.At, part.Place.Length, JsonText.Encode(_output.WrittenSpan));
            }
        }
    }

    public void Dispose()
    {
        Return(_text);
        Return(_folded);
        (_text, _folded) = ([], []);
    }

    private TextPart Add(TextPlace place, int length, bool isChanged)
    {
        var part = new TextPart(place, _length, _length + length, isChanged);
        _parts.Add(part);
        _length += length;
        return part;
    }

    private void Append(TextPart part)
    {
        var text = TextOf(part);
        GrowFolded(text.Length);
        _foldedLength += TextFold.Fold(text, _folded.AsSpan(_foldedLength), _places.AsSpan(_foldedLength), part.Start);
    }

    /// <summary>Behind the last sign; of a text that ends there with all that shows nothing.</summary>
    private int EndOf(int folded) => folded < _foldedLength ? _places[folded - 1] + 1 : _parts[PartAt(_places[folded - 1])].End;

    /// <summary>The last that begins there or before.</summary>
    private int PartAt(int place)
    {
        var (low, high) = (0, _parts.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = _parts[middle].Start <= place ? (middle, high) : (low, middle - 1);
        }

        return low;
    }

    private static bool IsOfWord(char letter) => char.IsLetterOrDigit(letter) || letter == '_';

    private void GrowFolded(int more)
    {
        Grow(ref _folded, _foldedLength, more);
        if (_places.Length < _folded.Length)
        {
            Array.Resize(ref _places, _folded.Length);
        }
    }

    private static void Grow(ref char[] buffer, int used, int more)
    {
        if (used + more > buffer.Length)
        {
            var larger = ArrayPool<char>.Shared.Rent(Math.Max(256, used == 0 ? more : (used + more) * 2));
            buffer.AsSpan(0, used).CopyTo(larger);
            Return(buffer);
            buffer = larger;
        }
    }

    private static void Return(char[] buffer)
    {
        if (buffer.Length > 0)
        {
            ArrayPool<char>.Shared.Return(buffer);
        }
    }
}
