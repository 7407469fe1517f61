using System.Text;

namespace AiFactory.Builder.Published;

/// <summary>
/// Puts a run's answer together for a stream that cannot take back what it has said. Pieces come live, and may be lost, come twice after a retry, or from two
/// steps at once; the finished run says what the answer is. What is said is always a beginning of it, as far as that can be known.
/// </summary>
internal sealed class AnswerText
{
    private readonly StringBuilder _attempt = new();
    private readonly StringBuilder _said = new();
    private (string Node, int Attempt)? _from;

    internal string Said => _said.ToString();

    /// <summary>A piece of an attempt's text; returns what can be said now.</summary>
    /// <param name="offset">How many characters of the attempt came before.</param>
    internal string? Add(string node, int attempt, int offset, string text)
    {
        // 1. One step is followed, for two at once would be a muddle; of that step the newest attempt.
        if (_from is not { } from || (from.Node == node && attempt > from.Attempt))
        {
            _from = (node, attempt);
            _attempt.Clear();
        }
        else if (from != (node, attempt))
        {
            return null;
        }

        // 2. After a gap the rest waits for the finished run.
        if (offset > _attempt.Length)
        {
            return null;
        }

        _attempt.Length = offset;
        _attempt.Append(text);

        // 3. A new attempt first says again what was said.
        return Rest(_attempt.ToString());
    }

    /// <summary>The whole answer; returns what is still to be said of it.</summary>
    internal string? End(string answer)
    {
        if (Rest(answer) is { } rest)
        {
            return rest;
        }

        if (answer.Length == 0 || _said.ToString() == answer)
        {
            return null;
        }

        // Something else was said: a retry came to another answer. It is given whole, below.
        var whole = $"\n\n{answer}";
        _said.Append(whole);
        return whole;
    }

    private string? Rest(string text)
    {
        if (text.Length <= _said.Length || !text.StartsWith(_said.ToString(), StringComparison.Ordinal))
        {
            return null;
        }

        var rest = text[_said.Length..];
        _said.Append(rest);
        return rest;
    }
}
