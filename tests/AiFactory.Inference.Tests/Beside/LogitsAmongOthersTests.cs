using System.Globalization;
using AiFactory.Inference.Engine;
using AiFactory.Inference.Engine.Sampling;
using AiFactory.Inference.Native;
using AiFactory.Inference.Tests.Engine;

namespace AiFactory.Inference.Tests.Beside;

/// <summary>
/// What a request's neighbours do to its logits: nothing but rounding. llama.cpp adds up in another order when it computes sixteen tokens at once than when it computes one; how much
/// that changes is measured here, on the same model, without the engine.
/// </summary>
public sealed class LogitsAmongOthersTests(GeneratedModels models, ITestOutputHelper output)
{
    private const int Requests = 16;
    private const int Tokens = 24;
    private const int WholeVocabulary = 100_000;

    /// <summary>The largest difference among a few hundred thousand is that of a sample: another sample's may be somewhat larger. A neighbour's logits differ by several whole units.</summary>
    private const double Margin = 2;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task They_stay_within_the_rounding_of_llama_and_take_nothing_from_a_neighbour(bool quantised)
    {
        await using var harness = new EngineHarness(quantised ? models.Quantised : models.Endless, contextLength: 512, slots: Requests);
        var prompts = Enumerable.Range(0, Requests).Select(Prompt).ToList();
        var rounding = BatchRounding.Measure(harness.Model, [.. prompts.Select(prompt => harness.Model.Tokenize(prompt, addSpecial: true, parseSpecial: true))]);
        rounding.ShouldBeGreaterThan(0, "batches of other sizes are rounded otherwise: without that nothing is measured");

        var alone = new List<IReadOnlyList<TokenLogprob>>();
        foreach (var prompt in prompts)
        {
            alone.Add(await ReadAsync(harness.Submit(Request(harness, prompt, "alone"))));
        }

        var among = await TogetherAsync(harness, prompts);
        var deviations = alone.Zip(among, Deviation.Between).ToList();
        var largest = deviations.Max(deviation => deviation.Largest);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"rounding {rounding:G3}, among others {largest:G3}, tokens compared {deviations.Sum(deviation => deviation.Tokens)}"));
        largest.ShouldBeLessThanOrEqualTo(rounding * Margin);
        deviations.Sum(deviation => deviation.Tokens).ShouldBeGreaterThan(Requests * Tokens / 2);

        // Had two requests got each other's logits in a single step, it would be seen.
        var (first, second) = (among[3].ToList(), among[11].ToList());
        (first[0], second[0]) = (second[0], first[0]);
        Deviation.Between(alone[3], first).Largest.ShouldBeGreaterThan(5 * rounding * Margin);
        Deviation.Between(alone[11], second).Largest.ShouldBeGreaterThan(5 * rounding * Margin);
    }

    /// <summary>All at once: the first one's first token holds the engine until the others are in its queue.</summary>
    private static async Task<IReadOnlyList<IReadOnlyList<TokenLogprob>>> TogetherAsync(EngineHarness harness, List<string> prompts)
    {
        using var submitted = new ManualResetEventSlim();
        var generations = new List<Generation>();
        foreach (var prompt in prompts)
        {
            var request = Request(harness, prompt, "among");
            generations.Add(harness.Submit(generations.Count > 0 ? request : request with
            {
                IsOver = _ =>
                {
                    submitted.Wait(Token);
                    return false;
                },
            }));
        }

        submitted.Set();
        return await Task.WhenAll(generations.Select(ReadAsync));
    }

    private static async Task<IReadOnlyList<TokenLogprob>> ReadAsync(Generation generation)
    {
        var tokens = new List<TokenLogprob>();
        GenerationEvent? end = null;
        await foreach (var next in generation.ReadAsync(Token))
        {
            end = next;
            tokens.AddRange(next is GenerationEvent.Text text ? text.Tokens : []);
        }

        end.ShouldBeOfType<GenerationEvent.Finished>();
        return tokens;
    }

    private static GenerationRequest Request(EngineHarness harness, string prompt, string tenant) => harness.Request(prompt, Tokens) with
    {
        Tenant = tenant,
        Rules = new AnswerRules { TopLogprobs = WholeVocabulary },
    };

    /// <summary>Of many lengths, so that they are computed in parts and end their prompts in different steps.</summary>
    private static string Prompt(int index) => string.Join(' ', Enumerable.Range(index, 3 + index).Select(word => $"word {word} of {index}"));
}
