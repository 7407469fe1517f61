using AiFactory.Gateway.Guardrails.Entities;
using AiFactory.ServiceDefaults.Guardrails;

namespace AiFactory.Gateway.Guardrails.Texts;

/// <summary>Finds what one rule is about in a text, of which more may come.</summary>
internal sealed class Finder(RulePattern pattern, Verification? verify = null)
{
    /// <summary>The leftmost one at or behind a place. What looks like one and is none is passed over by one character, for another may begin within.</summary>
    /// <param name="steps">Spent in this text so far.</param>
    public PatternMatch Find(ReadOnlySpan<char> text, int from, bool isEnd, ref long steps)
    {
        while (true)
        {
            var match = pattern.Find(text, from, isEnd, ref steps);
            if (match.Length == 0 || verify is null)
            {
                return match;
            }

            var length = verify(text.Slice(match.Start, match.Length));
            if (length > 0)
            {
                return match with { Length = length };
            }

            from = match.Start + 1;
        }
    }
}
