using AiFactory.Inference.Engine.Sampling;
using AiFactory.Inference.Grammars;
using AiFactory.Inference.Native;
using AiFactory.Inference.Tests.Native;
using Microsoft.Extensions.Logging.Abstractions;

namespace AiFactory.Inference.Tests.Engine.Sampling;

public sealed class TokenPickerTests
{
    private static readonly LlamaSamplerOptions Plain = new(1, 1, 0, 0, 7, 1, 0, 0);


    public static TheoryData<int, float, float, float> Filters
    {
        get
        {
            var all = new TheoryData<int, float, float, float>();
            foreach (var topK in (int[])[0, 1, 40, 700])
            {
                foreach (var (topP, minP) in ((float, float)[])[(1, 0), (0.95f, 0), (0.4f, 0.05f), (0.01f, 0), (1, 0.05f), (1, 0.9f)])
                {
                    all.Add(topK, topP, minP, 1);
                    all.Add(topK, topP, minP, 0.9f);
                    all.Add(topK, topP, minP, 0.2f);
                }
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Filters))]
    public void The_same_tokens_are_left_to_choose_from_as_with_llama_cpp(int topK, float topP, float minP, float typicalP)
    {
        LlamaRuntime.Load(NullLogger.Instance);
        var options = Plain with { TopK = topK, TopP = topP, MinP = minP, TypicalP = typicalP };
        using var theirs = NativeSampler.OpenFilters(options);
        foreach (var spread in (float[])[0.5f, 3f, 12f])
        {
            var logits = Logits(3_000, spread);
            var scratch = SamplingScratch.Of(logits.Length);
            var count = new TokenPicker(options).Candidates(logits, scratch);
            var ours = scratch.Tokens[..count].ToHashSet();
            var expected = theirs.Apply(logits);

            // Where a share is reached depends on the order of a sum.
            ours.SymmetricExceptWith(expected);
            ours.Count.ShouldBeLessThanOrEqualTo(1 + (expected.Count / 500));
        }
    }

    /// <summary>A logit divided by less than a float can divide by was no number, and the first token was chosen.</summary>
    [Theory]
    [InlineData(1e-40f)]
    [InlineData(1e-6f)]
    [InlineData(0)]
    public void The_coldest_temperatures_choose_the_most_probable(float temperature)
    {
        new TokenPicker(Plain with { Temperature = temperature }).Pick([0, 1, 30, 2]).ShouldBe(2);
        new TokenPicker(Plain with { Temperature = temperature, TopK = 3 }).Pick([0, 1, 30, 2]).ShouldBe(2);
    }

    [Fact]
    public void A_grammar_goes_on_with_no_token_that_stands_for_no_text() =>
        Should.Throw<InvalidOperationException>(() => new TokenConstraint(Grammar.Parse("root ::= \"a\""), new VocabularyTrie([[], [97]]), _ => false).Accept(0));

    [Fact]
    public void Tokens_come_as_often_as_they_are_probable()
    {
        // Weights 1, 2, 4 and 8 of 15; the last may not come.
        float[] logits = [0, MathF.Log(2), MathF.Log(4), MathF.Log(8), float.NegativeInfinity];
        Share(Plain).ShouldBe([1 / 15.0, 2 / 15.0, 4 / 15.0, 8 / 15.0, 0], 0.02);
        Share(Plain with { Temperature = 0.5f }).ShouldBe([1 / 85.0, 4 / 85.0, 16 / 85.0, 64 / 85.0, 0], 0.02);
        Share(Plain with { TopK = 2 }).ShouldBe([0, 0, 4 / 12.0, 8 / 12.0, 0], 0.02);
        Share(Plain with { TopP = 0.6f }).ShouldBe([0, 0, 4 / 12.0, 8 / 12.0, 0], 0.02);
        Share(Plain with { MinP = 0.3f }).ShouldBe([0, 0, 4 / 12.0, 8 / 12.0, 0], 0.02);
        Share(Plain with { Temperature = 0 }).ShouldBe([0, 0, 0, 1, 0], 0.001);

        double[] Share(LlamaSamplerOptions options)
        {
            var (picker, counts) = (new TokenPicker(options), new double[5]);
            for (var i = 0; i < 20_000; i++)
            {
                counts[picker.Pick(logits)] += 1 / 20_000.0;
            }

            return counts;
        }
    }

    [Fact]
    public void The_same_seed_chooses_the_same()
    {
        var logits = Logits(1_000, 2);
        int[] Draw(uint seed) => [.. Enumerable.Repeat(new TokenPicker(Plain with { Seed = seed, TopP = 0.9f }), 20).Select(picker => picker.Pick(logits))];
        Draw(1).ShouldBe(Draw(1));
        Draw(1).ShouldNotBe(Draw(2));
    }

    private static float[] Logits(int count, float spread)
    {
        var random = new Random(count);
        return [.. Enumerable.Range(0, count).Select(_ => spread * (float)(random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5))];
    }
}
