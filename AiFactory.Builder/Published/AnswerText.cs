using System.Runtime.InteropServices;

namespace AiFactory.Builder.Published;

/// <summary>
/// Puts a run's answer together for a stream that cannot take back what it has said. Pieces come live, and may be lost, come twice after a retry, or from two
/// steps at once; the finished run says what the answer is. What is said is always a beginning of it, as far as that can be known.
/// </summary>
internal sealed class AnswerText
{
    private readonly List<char> _attempt = [];
    private readonly List<char> _said = [];

    /// <summary>How many characters of the attempt are known to be what was said: a piece is compared, not the whole again.</summary>
    private int _agreed;

    private (string Node, int Attempt)? _from;

    /// <summary>A piece of an attempt's text; returns what can be said now.</summary>
    /// <param name="offset">How many characters of the attempt came before.</param>
    internal string? Add(string node, int attempt, int offset, string text)
    {
        // 1. One step is followed, for two at once would be a muddle; of that step the newest attempt.
        if (_from is not { } from || (from.Node == node && attempt > from.Attempt))
        {
            _from = (node, attempt);
            _attempt.Clear();
            _agreed = 0;
        }
        else if (from != (node, attempt))
        {
            return null;
        }

        // 2. After a gap the rest waits for the finished run.
        if (offset > _attempt.Count)
        {
            return null;
        }

        CollectionsMarshal.SetCount(_attempt, offset);
        _attempt.AddRange(text.AsSpan());

        // 3. A new attempt first says again what was said.
        _agreed = Math.Min(_agreed, offset);
        return Rest(CollectionsMarshal.AsSpan(_attempt), ref _agreed);
    }

    /// <summary>The whole answer; returns what is still to be said of it.</summary>
    internal string? End(string answer)
    {
        var agreed = 0;
        if (Rest(answer, ref agreed) is { } rest)
        {
            return rest;
        }

        if (answer.Length == 0 || (agreed == answer.Length && agreed == _said.Count))
        {
            return null;
        }

        // Something else was said: a retry came to another answer. It is given whole, below.
        var whole = $"\n\n{answer}";
        _said.AddRange(whole.AsSpan());
        return whole;
    }

    private string? Rest(ReadOnlySpan<char> text, ref int agreed)
    {
        agreed += CollectionsMarshal.AsSpan(_said)[agreed..].CommonPrefixLength(text[agreed..]);
        if (agreed < _said.Count || agreed == text.Length)
        {
            return null;
        }

        var rest = text[agreed..].ToString();
        _said.AddRange(rest.AsSpan());
        agreed = _said.Count;
        return rest;
    }
}
