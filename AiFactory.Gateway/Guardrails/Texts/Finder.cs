using AiFactory.Gateway.Guardrails.Entities;
using AiFactory.ServiceDefaults.Guardrails;

namespace AiFactory.Gateway.Guardrails.Texts;

/// <summary>Finds what one rule is about in a text, of which more may come.</summary>
internal sealed class Finder(RulePattern pattern, Verification? verify = null)
{
    /// <summary>The leftmost one that begins at or behind <paramref name="from"/> and before <paramref name="limit"/>. What looks like one and is none is passed over by one character, for another may begin within.</summary>
    public bool TryFind(ReadOnlySpan<char> text, int from, int limit, out int start, out int length)
    {
        (start, length) = (0, 0);
        while (from < limit)
        {
            var found = false;
            foreach (var match in pattern.Matches.EnumerateMatches(text, from))
            {
                (start, length, found) = (match.Index, match.Length, true);
                break;
            }

            if (!found || start >= limit)
            {
                return false;
            }

            length = verify?.Invoke(text.Slice(start, length)) ?? length;
            if (length > 0)
            {
                return true;
            }

            from = start + 1;
        }

        return false;
    }

    /// <summary>Where begins what may become a match by text that is still to come; the text's end where nothing does. All before it is decided.</summary>
    /// <param name="text">With <see cref="RulePattern.End"/> behind it.</param>
    public int Undecided(ReadOnlySpan<char> text, int from)
    {
        if (pattern.Beginnings is { } beginnings)
        {
            foreach (var match in beginnings.EnumerateMatches(text, from))
            {
                return match.Index;
            }
        }

        return text.Length - 1;
    }
}
