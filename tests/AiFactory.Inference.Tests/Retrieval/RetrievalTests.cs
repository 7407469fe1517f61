using AiFactory.Testing.Retrieval;

namespace AiFactory.Inference.Tests.Retrieval;

public sealed class RetrievalTests(ShippedEmbeddingModel model) : IClassFixture<ShippedEmbeddingModel>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Words_and_meaning_fused_find_more_paraphrases_than_words_alone()
    {
        var set = RetrievalSet.Load();
        var comparison = await RetrievalComparison.RunAsync(set, texts => model.EmbedAsync(texts, Token));
        foreach (var (name, score) in new[] { ("BM25", comparison.Words), ("embeddings", comparison.Embeddings), ("fused", comparison.Fused) })
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"{name}: hit@1 {score.HitAt1:F2}, hit@5 {score.HitAt5:F2}, MRR {score.MeanReciprocalRank:F3}");
        }

        set.Passages.Count.ShouldBe(200);
        set.Questions.Count.ShouldBe(100);
        comparison.Fused.HitAt5.ShouldBeGreaterThan(comparison.Words.HitAt5);
    }

    [Theory]
    [InlineData("How much leave do employees get?", "Staff are entitled to thirty days of holiday.", "The printer is out of paper.")]
    [InlineData("my laptop is broken", "The computer does not start.", "The soup is served with bread.")]
    [InlineData("physician", "doctor", "bicycle")]
    public async Task A_paraphrase_is_nearer_than_another_subject(string text, string near, string far)
    {
        var embeddings = await model.EmbedAsync([text, near, far], Token);
        Cosine(embeddings[0], embeddings[1]).ShouldBeGreaterThan(Cosine(embeddings[0], embeddings[2]) + 0.2f);
    }

    [Fact]
    public async Task Words_that_say_nothing_count_for_little()
    {
        var embeddings = await model.EmbedAsync(["database", "What is the database, and how should it be with that?"], Token);
        Cosine(embeddings[0], embeddings[1]).ShouldBeGreaterThan(0.9f);
    }

    [Fact]
    public async Task Every_text_has_an_embedding()
    {
        string[] texts = ["a", "?!", "12345", "2031-03-14", "KX-4821", "Zürich café", "Привет", "漢字", "한국어", "😀", "Oskerfurt", "mara.velden@lumark.example"];
        var embeddings = await model.EmbedAsync(texts, Token);
        embeddings.ShouldAllBe(embedding => MathF.Abs(Cosine(embedding, embedding) - 1) < 1e-4f);
        Cosine(embeddings[3], embeddings[4]).ShouldBeLessThan(0.95f);
    }

    [Fact]
    public async Task Two_texts_that_name_the_same_unknown_thing_are_near()
    {
        var embeddings = await model.EmbedAsync(["Oskerfurt", "the town of Oskerfurt", "the town of Belmarsk"], Token);
        Cosine(embeddings[0], embeddings[1]).ShouldBeGreaterThan(Cosine(embeddings[0], embeddings[2]) + 0.1f);
    }

    private static float Cosine(float[] left, float[] right) => left.Zip(right, (x, y) => x * y).Sum();
}
