using AiFactory.Inference.Engine.Sampling;

namespace AiFactory.Inference.Tests.Beside;

/// <param name="Largest">Between two log probabilities of one token at one place.</param>
/// <param name="Tokens">Places that were compared: up to the first at which the answers part, which two tokens of all but equal probability are enough for.</param>
internal sealed record Deviation(double Largest, int Tokens)
{
    public static Deviation Between(IReadOnlyList<TokenLogprob> alone, IReadOnlyList<TokenLogprob> among)
    {
        var (largest, tokens) = (0.0, 0);
        foreach (var (one, other) in alone.Zip(among))
        {
            tokens++;
            var known = ByBytes(one);
            largest = Math.Max(largest, ByBytes(other).Max(pair => Math.Abs(pair.Value - known[pair.Key])));
            if (!one.Bytes.AsSpan().SequenceEqual(other.Bytes))
            {
                break;
            }
        }

        return new Deviation(largest, tokens);
    }

    private static Dictionary<string, float> ByBytes(TokenLogprob token) =>
        token.Top.GroupBy(candidate => Convert.ToHexString(candidate.Bytes)).ToDictionary(group => group.Key, group => group.Max(candidate => candidate.Logprob));
}
