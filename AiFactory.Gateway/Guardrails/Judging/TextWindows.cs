using System.Text;

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

    private readonly StringBuilder _pending = new();

    /// <summary>Characters that came.</summary>
    public long Heard { get; private set; }

    /// <summary>Of these, how many windows were cut of.</summary>
    public long Cut { get; private set; }

    public static IEnumerable<string> Of(string text)
    {
        var windows = new TextWindows();
        windows.Append(text);
        while (windows.TryCut(isEnd: true, out var window))
        {
            if (window.Length > 0)
            {
                yield return window;
            }
        }
    }

    public void Append(ReadOnlySpan<char> piece)
    {
        _pending.Append(piece);
        Heard += piece.Length;
    }

    /// <param name="isEnd">Whether no more comes, or none is waited for.</param>
    /// <param name="window">Without white space around it; empty where there was nothing else.</param>
    public bool TryCut(bool isEnd, out string window)
    {
        window = "";
        var length = LengthOfNext(isEnd);
        if (length == 0)
        {
            return false;
        }

        window = _pending.ToString(0, length).Trim();
        _pending.Remove(0, length);
        Cut += length;
        return true;
    }

    /// <summary>0 where that cannot be told yet.</summary>
    private int LengthOfNext(bool isEnd)
    {
        // 1. The first sentence that ends in reach: what follows its last sign must be known.
        Span<char> text = stackalloc char[Math.Min(_pending.Length, Longest + 1)];
        _pending.CopyTo(0, text, text.Length);
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
