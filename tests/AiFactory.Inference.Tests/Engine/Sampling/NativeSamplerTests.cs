using AiFactory.Inference.Engine.Sampling;
using AiFactory.Inference.Native;
using AiFactory.Inference.Tests.Native;
using Microsoft.Extensions.Logging.Abstractions;

namespace AiFactory.Inference.Tests.Engine.Sampling;

/// <summary>Our sampler beside llama.cpp's chain, on random logits with random settings. Where a share is reached depends on the order in which floats are summed: a token at the edge may differ.</summary>
public sealed class NativeSamplerTests
{
    private const int Vocabulary = 1_000;
    private const int Vectors = 2_000;

    public NativeSamplerTests() => LlamaRuntime.Load(NullLogger.Instance);

    [Fact]
    public void Penalties_change_the_same_logits_by_the_same()
    {
        for (var seed = 0; seed < Vectors; seed++)
        {
            var random = new Random(seed);
            var options = Penalised(random) with { Temperature = 1 };
            var (ours, theirs, penalties) = Begin(options, random);
            using (theirs)
            {
                var expected = theirs.Change(ours);
                penalties.Apply(ours);
                expected.Count.ShouldBe(Vocabulary);
                foreach (var (token, logit) in expected)
                {
                    ours[token].ShouldBe(logit, 1e-5 * Math.Max(1, Math.Abs(logit)), $"token {token} of seed {seed}, {options}");
                }
            }
        }
    }

    [Fact]
    public void All_settings_together_leave_the_same_tokens_with_the_same_probabilities()
    {
        var (others, narrowed) = (0, 0);
        for (var seed = 0; seed < Vectors; seed++)
        {
            var random = new Random(seed);
            var options = Penalised(random) with
            {
                Temperature = Pick(random, 0.1f, 0.7f, 1, 1.5f),
                TopK = Pick(random, 0, 0, 1, 5, 40, 300, 5_000),
                TopP = Pick(random, 1, 0.999f, 0.95f, 0.5f, 0.1f),
                MinP = Pick(random, 0, 0, 0.05f, 0.3f, 1),
                TypicalP = Pick(random, 1, 1, 0.95f, 0.5f, 0.2f),
            };
            var (logits, theirs, penalties) = Begin(options, random);
            using (theirs)
            {
                var changed = theirs.Change(logits);
                penalties.Apply(logits);
                var expected = Shares(changed.ToDictionary(token => token.Key, token => Math.Exp(token.Value - changed.Values.Max())));
                var scratch = SamplingScratch.Of(Vocabulary);
                var weights = new TokenPicker(options).WeighCandidates(logits, scratch).ToArray();
                var ours = Shares(weights.Select((weight, place) => (scratch.Tokens[place], (double)weight)).ToDictionary(token => token.Item1, token => token.Item2));

                var edge = expected.Keys.Except(ours.Keys).Concat(ours.Keys.Except(expected.Keys)).ToList();
                // Of two that are as typical one may be taken for the other.
                edge.Count.ShouldBeLessThanOrEqualTo(2 + (expected.Count / 500), $"seed {seed}, {options}");
                var moved = edge.Sum(token => expected.GetValueOrDefault(token) + ours.GetValueOrDefault(token));
                foreach (var token in expected.Keys.Intersect(ours.Keys))
                {
                    ours[token].ShouldBe(expected[token], 1e-9 + (expected[token] * (1e-4 + (2 * moved))), $"token {token} of seed {seed}, {options}");
                }

                others += edge.Count == 0 ? 0 : 1;
                narrowed += expected.Count < Vocabulary ? 1 : 0;
            }
        }

        others.ShouldBeLessThanOrEqualTo(Vectors / 100);
        narrowed.ShouldBeGreaterThan(Vectors / 2);
    }

    [Fact]
    public void Without_a_temperature_the_same_token_is_chosen()
    {
        for (var seed = 0; seed < Vectors; seed++)
        {
            var random = new Random(seed);
            var options = Penalised(random) with { Temperature = 0 };
            var (logits, theirs, penalties) = Begin(options, random);
            using (theirs)
            {
                var expected = theirs.Choose(logits);
                penalties.Apply(logits);
                new TokenPicker(options).Pick(logits).ShouldBe(expected, $"seed {seed}, {options}");
            }
        }
    }

    /// <summary>Both after the same prompt and the same answer so far.</summary>
    private static (float[] Logits, NativeSampler Theirs, TokenPenalties Ours) Begin(LlamaSamplerOptions options, Random random)
    {
        int[] prompt = [.. Enumerable.Range(0, random.Next(1, 60)).Select(_ => random.Next(Vocabulary / 4))];
        var theirs = NativeSampler.Open(Vocabulary, options, prompt, 4_096);
        var ours = new TokenPenalties(options, prompt);
        for (var said = random.Next(40); said > 0; said--)
        {
            var token = random.Next(Vocabulary / 8);
            theirs.Accept(token);
            ours.Accept(token);
        }

        var (spread, shift) = (Pick(random, 0.5f, 3f, 8f), Pick(random, -20f, 0, 5f));
        return ([.. Enumerable.Range(0, Vocabulary).Select(_ => shift + (spread * (float)(random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5)))], theirs, ours);
    }

    private static LlamaSamplerOptions Penalised(Random random) =>
        new(1, 1, 0, 0, 7, Pick(random, 1, 1.1f, 1.8f, 0.7f), Pick(random, 0, 0.4f, 2, -0.5f), Pick(random, 0, 0.3f, -1.5f));

    private static Dictionary<int, double> Shares(Dictionary<int, double> weights)
    {
        var total = weights.Values.Sum();
        return weights.ToDictionary(token => token.Key, token => token.Value / total);
    }

    private static T Pick<T>(Random random, params T[] values) => values[random.Next(values.Length)];
}
