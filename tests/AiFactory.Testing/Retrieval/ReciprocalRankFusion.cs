namespace AiFactory.Testing.Retrieval;

/// <summary>Fuses rankings by the sum of 1 / (60 + rank). Source: Cormack, Clarke and Buettcher 2009, https://doi.org/10.1145/1571941.1572114</summary>
public static class ReciprocalRankFusion
{
    private const double Constant = 60;

    /// <param name="rankings">Indices, best first; an index that a ranking lacks gets nothing from it.</param>
    public static IReadOnlyList<int> Fuse(params IEnumerable<IReadOnlyList<int>> rankings) =>
        [.. rankings
            .SelectMany(ranking => ranking.Select((passage, place) => (passage, Score: 1 / (Constant + place + 1))))
            .GroupBy(entry => entry.passage, entry => entry.Score)
            .OrderByDescending(group => group.Sum())
            .ThenBy(group => group.Key)
            .Select(group => group.Key)];
}
