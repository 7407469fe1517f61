using System.Text;

namespace AiFactory.Inference.Engine;

/// <summary>
/// Finds stop texts in a stream of pieces. What might be the beginning of a stop text is held back until it is clear that it is not.
/// </summary>
internal sealed class StopMatcher(IReadOnlyList<string> stops)
{
    private readonly StringBuilder _held = new();

    public bool IsMatched { get; private set; }

    /// <summary>Takes a piece and answers the text that is certainly part of the answer; <see cref="IsMatched"/> tells that a stop text followed it.</summary>
    public string Append(string piece)
    {
        if (stops.Count == 0)
        {
            return piece;
        }

        _held.Append(piece);
        var text = _held.ToString();
        var first = stops.Select(stop => text.IndexOf(stop, StringComparison.Ordinal)).Where(index => index >= 0).DefaultIfEmpty(-1).Min();
        if (first >= 0)
        {
            IsMatched = true;
            _held.Clear();
            return text[..first];
        }

        var certain = text.Length - stops.Max(stop => LongestBeginningAtEnd(text, stop));
        _held.Clear().Append(text, certain, text.Length - certain);
        return text[..certain];
    }

    /// <summary>The text still held, when nothing follows any more.</summary>
    public string Flush()
    {
        var text = _held.ToString();
        _held.Clear();
        return text;
    }

    /// <summary>Characters at the end of the text that the stop text begins with, all of the stop text excluded.</summary>
    private static int LongestBeginningAtEnd(string text, string stop)
    {
        for (var length = Math.Min(stop.Length - 1, text.Length); length > 0; length--)
        {
            if (text.AsSpan(text.Length - length).SequenceEqual(stop.AsSpan(0, length)))
            {
                return length;
            }
        }

        return 0;
    }
}
