using System.Text;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Engine.Sampling;

namespace AiFactory.Inference.Generations;

/// <summary>The probabilities of tokens in the two forms that OpenAI has for them.</summary>
internal static class Logprobs
{
    /// <summary>No probability is written as this: JSON has no infinity.</summary>
    private const float Least = -9999f;

    public static ChatLogprobs? ForChat(IReadOnlyList<TokenLogprob>? tokens) =>
        tokens is null ? null : new ChatLogprobs([.. tokens.Select(token => ForChat(token) with { TopLogprobs = [.. token.Top.Select(ForChat)] })]);

    /// <param name="offset">Characters of the text before them; grows by theirs.</param>
    public static CompletionLogprobs? ForCompletion(IReadOnlyList<TokenLogprob>? tokens, ref int offset)
    {
        if (tokens is null)
        {
            return null;
        }

        var offsets = new List<int>();
        foreach (var token in tokens)
        {
            offsets.Add(offset);
            offset += Text(token).Length;
        }

        return new CompletionLogprobs(
            [.. tokens.Select(Text)],
            [.. tokens.Select(token => Finite(token.Logprob))],
            [.. tokens.Select(token => (IReadOnlyDictionary<string, float>)token.Top.DistinctBy(Text).ToDictionary(Text, top => Finite(top.Logprob)))],
            offsets);
    }

    private static ChatTokenLogprob ForChat(TokenLogprob token) => new(Text(token), Finite(token.Logprob), [.. token.Bytes.Select(one => (int)one)]);

    private static string Text(TokenLogprob token) => Encoding.UTF8.GetString(token.Bytes);

    private static float Finite(float logprob) => float.IsFinite(logprob) ? logprob : Least;
}
