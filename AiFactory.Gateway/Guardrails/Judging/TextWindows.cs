namespace AiFactory.Gateway.Guardrails.Judging;

/// <summary>
/// A text, whole or in pieces, cut into windows of whole sentences: short enough that one sentence counts in its vector, and long enough to be about something. Where it is cut depends on the
/// text alone and not on its pieces, so a streamed answer is judged as a whole one is.
/// </summary>
internal sealed class TextWindows
{
    /// <summary>Bytes of UTF-8: no tokenizer makes more tokens of a text than it has bytes, and models of vectors take 512.</summary>
    public const int Longest = 500;

    private const int Shortest = 200;

    private char[] _pending = [];

    /// <summary>What is pending stands between these.</summary>
    private int _from;
    private int _to;

    /// <summary>Characters that came.</summary>
    public long Heard { get; private set; }

    /// <summary>Of these, how many windows were cut of.</summary>
    public long Cut { get; private set; }

    public static IEnumerable<string> Of(string text)
    {
        for (var at = 0; at < text.Length;)
        {
            var length = LengthOfNext(text.AsSpan(at), isEnd: true);
            var window = text.AsSpan(at, length).Trim().ToString();
            at += length;
            if (window.Length > 0)
            {
                yield return window;
            }
        }
    }

    public void Append(ReadOnlySpan<char> piece)
    {
        if (_to + piece.Length > _pending.Length)
        {
            // Twice what is needed: so each character is moved a few times at most, whatever is cut between.
            var left = _to - _from;
            var larger = new char[Math.Max(Longest, (left + piece.Length) * 2)];
            _pending.AsSpan(_from, left).CopyTo(larger);
            (_pending, _from, _to) = (larger, 0, left);
        }

        piece.CopyTo(_pending.AsSpan(_to));
        _to += piece.Length;
        Heard += piece.Length;
    }

    /// <param name="isEnd">Whether no more comes, or none is waited for.</param>
    /// <param name="window">Without white space around it; empty where there was nothing else.</param>
    public bool TryCut(bool isEnd, out string window)
    {
        window = "";
        var length = LengthOfNext(_pending.AsSpan(_from, _to - _from), isEnd);
        if (length == 0)
        {
            return false;
        }

        window = _pending.AsSpan(_from, length).Trim().ToString();
        _from += length;
        Cut += length;
        return true;
    }

    /// <summary>0 where that cannot be told yet.</summary>
    private static int LengthOfNext(ReadOnlySpan<char> pending, bool isEnd)
    {
        // 1. The first sentence that ends in reach: what follows its last sign must be known.
        var text = pending[..Math.Min(pending.Length, Longest + 1)];
        var (first, end) = Reach(text);
        for (var i = first; i <= Math.Min(text.Length - 1, end); i++)
        {
            if (EndsSentence(text[i - 1], text[i]))
            {
                return i;
            }
        }

        if (end == text.Length)
        {
            return isEnd ? text.Length : 0;
        }

        // 2. Else the last word, else the last character, both halves of it.
        var space = text[..end].LastIndexOfAny(' ', '\n', '\t');
        return space >= first ? space + 1 : char.IsHighSurrogate(text[end - 1]) ? end - 1 : end;
    }

    /// <summary>How many characters the shortest window has, and the longest, of what is here.</summary>
    private static (int Shortest, int Longest) Reach(ReadOnlySpan<char> text)
    {
        var (bytes, first) = (0, int.MaxValue);
        for (var i = 0; i < text.Length; i++)
        {
            // Each half of a character that has two is two bytes of its four.
            bytes += text[i] switch { < '\u0080' => 1, < '\u0800' => 2, >= '\uD800' and <= '\uDFFF' => 2, _ => 3 };
            if (bytes > Longest)
            {
                return (first, i);
            }

            first = bytes >= Shortest ? Math.Min(first, i + 1) : first;
        }

        return (first, text.Length);
    }

    private static bool EndsSentence(char last, char next) => last switch
    {
        '\n' or '\u3002' or '\uFF01' or '\uFF1F' => true,
        '.' or '!' or '?' or '\u2026' or ':' or ';' => char.IsWhiteSpace(next),
        _ => false,
    };
}
