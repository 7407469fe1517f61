namespace AiFactory.Builder.Knowledge.Search;

/// <summary>
/// Fuses two orders without comparing their scores: a passage's score is the sum of 1 / (60 + rank) over the orders that have it.
/// Cormack, Clarke, Büttcher, "Reciprocal rank fusion outperforms Condorcet and individual rank learning methods", SIGIR 2009.
/// </summary>
internal static class ReciprocalRankFusion
{
    private const double Constant = 60;

    /// <param name="vector">By meaning, or null when that was not asked for; as <paramref name="text"/>, by words.</param>
    internal static IReadOnlyList<FusedCandidate> Fuse(IReadOnlyList<Candidate>? vector, IReadOnlyList<Candidate>? text, int limit)
    {
        var fused = new Dictionary<ChunkKey, FusedCandidate>();
        for (var i = 0; i < vector?.Count; i++)
        {
            // One order alone keeps its own scores.
            var candidate = vector[i];
            fused[candidate.Key] = new FusedCandidate(candidate.Key, text is null ? candidate.Score : Share(i), i + 1, candidate.Score, null, null);
        }

        for (var i = 0; i < text?.Count; i++)
        {
            var candidate = text[i];
            var known = fused.GetValueOrDefault(candidate.Key) ?? new FusedCandidate(candidate.Key, 0, null, null, null, null);
            fused[candidate.Key] = known with { Score = vector is null ? candidate.Score : known.Score + Share(i), TextRank = i + 1, TextScore = candidate.Score };
        }

        return
        [
            .. fused.Values
                .OrderByDescending(candidate => candidate.Score)
                .ThenBy(candidate => candidate.VectorRank ?? int.MaxValue)
                .ThenBy(candidate => candidate.TextRank ?? int.MaxValue)
                .Take(limit),
        ];
    }

    private static double Share(int index) => 1 / (Constant + index + 1);
}
