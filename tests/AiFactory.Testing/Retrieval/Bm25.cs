using System.Text.RegularExpressions;

namespace AiFactory.Testing.Retrieval;

/// <summary>
/// BM25 over lower-cased words, with Lucene's inverse document frequency, which is never negative: ln(1 + (N - n + 0.5) / (n + 0.5)).
/// Source: Robertson and Zaragoza, The Probabilistic Relevance Framework, https://doi.org/10.1561/1500000019
/// </summary>
public sealed partial class Bm25
{
    private const double Saturation = 1.2; // k1
    private const double LengthShare = 0.75; // b

    private readonly IReadOnlyList<Dictionary<string, int>> _passages;
    private readonly Dictionary<string, int> _passagesWith;
    private readonly double _averageLength;

    public Bm25(IEnumerable<string> passages)
    {
        _passages = [.. passages.Select(passage => Words(passage).CountBy(word => word, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal))];
        _passagesWith = _passages.SelectMany(passage => passage.Keys).CountBy(word => word, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        _averageLength = _passages.Average(passage => passage.Values.Sum());
    }

    /// <summary>Indices of the passages that share a word with the question, best first.</summary>
    public IReadOnlyList<int> Rank(string question)
    {
        var words = Words(question).ToList();
        return [.. _passages
            .Select((passage, index) => (index, Score: words.Sum(word => Score(passage, word))))
            .Where(entry => entry.Score > 0)
            .OrderByDescending(entry => entry.Score)
            .Select(entry => entry.index)];
    }

    private double Score(Dictionary<string, int> passage, string word)
    {
        if (!passage.TryGetValue(word, out var count))
        {
            return 0;
        }

        var having = _passagesWith[word];
        var rarity = Math.Log(1 + ((_passages.Count - having + 0.5) / (having + 0.5)));
        var length = passage.Values.Sum() / _averageLength;
        return rarity * count * (Saturation + 1) / (count + (Saturation * (1 - LengthShare + (LengthShare * length))));
    }

    private static IEnumerable<string> Words(string text) => Word().Matches(text.ToLowerInvariant()).Select(match => match.Value);

    [GeneratedRegex(@"\w+")]
    private static partial Regex Word();
}
