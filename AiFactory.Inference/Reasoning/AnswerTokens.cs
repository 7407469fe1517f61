using System.Text;
using AiFactory.Inference.Engine.Sampling;

namespace AiFactory.Inference.Reasoning;

/// <summary>Of an answer's tokens those that the model did not think with: their probabilities tell the thoughts, which may be left out, and belong to no text of the content.</summary>
/// <param name="thoughts">Follows the same answer; null where its thoughts are a part of the content.</param>
internal sealed class AnswerTokens(ThoughtReader? thoughts)
{
    /// <summary>What the answer begins with, and the model did not write.</summary>
    public void Open(string opening) => thoughts?.Append(opening);

    public IReadOnlyList<TokenLogprob> Of(IReadOnlyList<TokenLogprob> tokens) => thoughts is null ? tokens : [.. tokens.Where(token => IsAnswer(thoughts, token))];

    private static bool IsAnswer(ThoughtReader thoughts, TokenLogprob token)
    {
        var wasThinking = thoughts.IsThinking;
        // A part of a character is none of a mark.
        thoughts.Append(Encoding.UTF8.GetString(token.Bytes));
        return !wasThinking && !thoughts.IsThinking;
    }
}
