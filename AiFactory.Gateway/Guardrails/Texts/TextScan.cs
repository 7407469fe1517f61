using System.Buffers;
using AiFactory.Contracts.Guardrails;

namespace AiFactory.Gateway.Guardrails.Texts;

/// <summary>
/// One text under all of its rules, whole or in pieces cut anywhere, with the same result. What more text could still make part of a finding is kept back, and nothing else:
/// as a rule no more than the last word.
/// </summary>
/// <param name="isJson">Whether it is JSON itself, as the arguments of a call are: then rules read what its escapes stand for, and the rest stays as it was written.</param>
internal sealed class TextScan(TextRule[] rules, Findings findings, bool isJson = false) : IDisposable
{
    private readonly JsonSource? _json = isJson ? new JsonSource() : null;
    private readonly int[] _from = new int[rules.Length];
    private readonly List<TextMask> _masked = [];
    private char[] _text = [];
    private int _length;

    /// <summary>All before it has been given out. One character before that is kept: a word's edge is known by it.</summary>
    private int _released;

    private int _decided;

    /// <summary>Whether nothing of what came is kept back.</summary>
    public bool IsEmpty => _released == _length && (_json is null or { Pending: 0 });

    public bool HasMasked => _masked.Count > 0;

    /// <summary>Which findings count, by where they begin and end; null where all do. One that does not is passed over.</summary>
    public Func<int, int, bool>? Counts { get; set; }

    /// <summary>What is to be masked.</summary>
    public IReadOnlyList<TextMask> Masks => _masked;

    /// <summary>Begins another text.</summary>
    public void Reset()
    {
        (_length, _released, _decided) = (0, 0, 0);
        Array.Clear(_from);
        _masked.Clear();
        _json?.Reset();
    }

    public void Append(ReadOnlySpan<char> piece)
    {
        if (_json is not null)
        {
            _json.Append(piece);
            return;
        }

        Grow(piece.Length);
        piece.CopyTo(_text.AsSpan(_length));
        _length += piece.Length;
    }

    /// <summary>What stands between the quotes of a JSON string.</summary>
    public void Append(ReadOnlySpan<byte> raw)
    {
        if (_json is not null)
        {
            _json.Append(raw);
            return;
        }

        Grow(raw.Length);
        _length += JsonText.Decode(raw, _text.AsSpan(_length));
    }

    /// <summary>Looks as far as can be told.</summary>
    /// <param name="isEnd">Whether no more of this text comes.</param>
    /// <param name="trusted">Whether its author is the application's.</param>
    /// <returns>The rule that lets it not pass; null where all do.</returns>
    /// <exception cref="GuardrailException">A rule could not be followed to its end.</exception>
    public RuleIdentity? Advance(bool isEnd, bool trusted = false)
    {
        if (_json is not null)
        {
            Grow(_json.Pending);
            _length += _json.Read(_text.AsSpan(_length), isEnd);
        }

        var text = _text.AsSpan(0, _length);
        _decided = _length - (!isEnd && _length > 0 && char.IsHighSurrogate(text[^1]) ? 1 : 0);
        for (var i = 0; i < rules.Length; i++)
        {
            if (trusted && rules[i].TrustsInstructions)
            {
                continue;
            }

            try
            {
                if (Look(i, text, isEnd) is { } blocking)
                {
                    return blocking;
                }
            }
            catch (TimeoutException slow)
            {
                throw new GuardrailException(rules[i].Identity, slow);
            }
        }

        return null;
    }

    /// <summary>Gives out what is decided and was not given out before, masked. What is masked together, as parts of it overlap, has the mask of what begins first.</summary>
    public void Release(IBufferWriter<char> to)
    {
        _masked.Sort();
        var (at, taken) = (_released, 0);
        var until = _decided;
        while (taken < _masked.Count)
        {
            var (start, end, next) = (_masked[taken].Start, _masked[taken].End, taken + 1);
            while (next < _masked.Count && _masked[next].Start < end)
            {
                end = Math.Max(end, _masked[next++].End);
            }

            if (end > until)
            {
                // What is not decided yet may overlap with it.
                until = Math.Min(until, start);
                break;
            }

            to.Write(Written(at, start));
            to.Write(rules[_masked[taken].Rule].Replacement);
            (at, taken) = (end, next);
        }

        if (until > at && until < _length && char.IsHighSurrogate(_text[until - 1]) && char.IsLowSurrogate(_text[until]))
        {
            until--;
        }

        to.Write(Written(at, until));
        _masked.RemoveRange(0, taken);
        _released = until;
        Compact();
    }

    public void Dispose()
    {
        _json?.Dispose();
        Return();
        _text = [];
    }

    private ReadOnlySpan<char> Written(int from, int to) => _json is null ? _text.AsSpan(from, to - from) : _json.Written(from, to);

    private RuleIdentity? Look(int index, ReadOnlySpan<char> text, bool isEnd)
    {
        var rule = rules[index];
        var steps = 0L;
        while (true)
        {
            // From the last finding on: what begins within it is no beginning.
            var found = rule.Finder.Find(text, _from[index], isEnd, ref steps);
            if (found.Length == 0)
            {
                _from[index] = Math.Max(_from[index], found.Undecided);
                _decided = rule.Identity.Action == GuardrailActions.Flag ? _decided : Math.Min(_decided, found.Undecided);
                return null;
            }

            if (Counts?.Invoke(found.Start, found.Start + found.Length) == false)
            {
                _from[index] = found.Start + found.Length;
                continue;
            }

            findings.Add(rule.Identity);
            switch (rule.Identity.Action)
            {
                case GuardrailActions.Block:
                    return rule.Identity;
                case GuardrailActions.Mask:
                    Mask(index, text, found.Start, found.Start + found.Length);
                    break;
            }

            _from[index] = found.Start + found.Length;
        }
    }

    /// <summary>Both halves of a character, where a rule found one.</summary>
    private void Mask(int index, ReadOnlySpan<char> text, int start, int end)
    {
        start -= start > 0 && char.IsLowSurrogate(text[start]) && char.IsHighSurrogate(text[start - 1]) ? 1 : 0;
        end += end < text.Length && char.IsLowSurrogate(text[end]) && char.IsHighSurrogate(text[end - 1]) ? 1 : 0;
        _masked.Add(new TextMask(start, end, index));
    }

    private void Compact()
    {
        // A rule that only marks lets all pass, and still has to see what it has not decided.
        var kept = _released;
        for (var i = 0; i < rules.Length; i++)
        {
            kept = rules[i].Identity.Action == GuardrailActions.Flag ? Math.Min(kept, _from[i]) : kept;
        }

        var dropped = kept - 1;
        if (dropped <= 0)
        {
            return;
        }

        _text.AsSpan(dropped, _length - dropped).CopyTo(_text);
        _json?.Drop(dropped);
        _length -= dropped;
        _released -= dropped;
        _decided -= dropped;
        for (var i = 0; i < _from.Length; i++)
        {
            _from[i] = rules[i].Identity.Action == GuardrailActions.Flag ? _from[i] - dropped : Math.Max(_from[i] - dropped, _released);
        }

        for (var i = 0; i < _masked.Count; i++)
        {
            _masked[i] = _masked[i] with { Start = _masked[i].Start - dropped, End = _masked[i].End - dropped };
        }
    }

    private void Grow(int more)
    {
        if (_length + more > _text.Length)
        {
            var larger = ArrayPool<char>.Shared.Rent(Math.Max(256, _length == 0 ? more : (_length + more) * 2));
            _text.AsSpan(0, _length).CopyTo(larger);
            Return();
            _text = larger;
        }
    }

    private void Return()
    {
        if (_text.Length > 0)
        {
            ArrayPool<char>.Shared.Return(_text);
        }
    }
}
