namespace AiFactory.Testing.Retrieval;

/// <summary>How well a way of searching found each question's passage.</summary>
/// <param name="Places">For each question the place of its passage, from 1; null when it was not found.</param>
public sealed record RetrievalScore(IReadOnlyList<int?> Places)
{
    public double HitAt1 => HitAt(1);

    public double HitAt5 => HitAt(5);

    public double MeanReciprocalRank => Places.Average(place => place is { } found ? 1.0 / found : 0);

    public static RetrievalScore Of(RetrievalSet set, Func<int, IReadOnlyList<int>> rank) =>
        new([.. set.Answers.Select((answer, question) => PlaceOf(rank(question), answer))]);

    private static int? PlaceOf(IReadOnlyList<int> ranking, int answer)
    {
        for (var i = 0; i < ranking.Count; i++)
        {
            if (ranking[i] == answer)
            {
                return i + 1;
            }
        }

        return null;
    }

    private double HitAt(int limit) => Places.Average(place => place <= limit ? 1.0 : 0.0);
}
