namespace AiFactory.Testing.Retrieval;

/// <summary>The same questions searched by words, by meaning, and by both fused.</summary>
public sealed record RetrievalComparison(RetrievalScore Words, RetrievalScore Embeddings, RetrievalScore Fused)
{
    /// <summary>Questions whose passage the fused search has among its first five and words alone have not.</summary>
    public int Gained => Questions().Count(places => places.Fused <= 5 && !(places.Words <= 5));

    /// <summary>The other way round.</summary>
    public int Lost => Questions().Count(places => places.Words <= 5 && !(places.Fused <= 5));

    /// <param name="embedAsync">Vectors of length 1, in the order of the texts.</param>
    public static async Task<RetrievalComparison> RunAsync(RetrievalSet set, Func<IReadOnlyList<string>, Task<IReadOnlyList<float[]>>> embedAsync)
    {
        var passages = await embedAsync(set.Passages);
        var questions = await embedAsync(set.Questions);
        var bm25 = new Bm25(set.Passages);
        var byWords = set.Questions.Select(bm25.Rank).ToList();
        var byMeaning = questions.Select(question => RankByCosine(question, passages)).ToList();
        return new RetrievalComparison(
            RetrievalScore.Of(set, question => byWords[question]),
            RetrievalScore.Of(set, question => byMeaning[question]),
            RetrievalScore.Of(set, question => ReciprocalRankFusion.Fuse(byWords[question], byMeaning[question])));
    }

    private static IReadOnlyList<int> RankByCosine(float[] question, IReadOnlyList<float[]> passages) =>
        [.. Enumerable.Range(0, passages.Count).OrderByDescending(index => Dot(question, passages[index]))];

    private static float Dot(float[] left, float[] right) => left.Zip(right, (x, y) => x * y).Sum();

    private IEnumerable<(int? Words, int? Fused)> Questions() => Words.Places.Zip(Fused.Places);
}
