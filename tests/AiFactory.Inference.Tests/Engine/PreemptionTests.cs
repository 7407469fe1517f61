using AiFactory.Inference.Engine;
using AiFactory.Inference.Engine.Admission;

namespace AiFactory.Inference.Tests.Engine;

public sealed class PreemptionTests(GeneratedModels models)
{
    private static readonly RequestTerms Batch = new("a", Priority: 10);
    private static readonly RequestTerms Urgent = new("a", Priority: 0);

    /// <param name="storeBytes">0 refuses to store it, so that it is computed again; then rounding may choose another token some day.</param>
    [Theory]
    [InlineData(16 << 20)]
    [InlineData(0)]
    public async Task A_more_urgent_request_takes_the_slot_and_the_other_goes_on_with_the_same_text(int storeBytes)
    {
        await using var calm = new EngineHarness(models.Endless, slots: 1);
        var (expected, _) = await calm.RunAsync(calm.Request("The factory", 480));
        await using var harness = new EngineHarness(models.Endless, slots: 1, shape: shape => shape with { StoreBytes = storeBytes });
        var (told, toldBefore) = (0, 0);
        var batch = harness.Submit(harness.Request("The factory", 480) with { Terms = Batch, IsOver = text => (told += text.Length) < 0 });
        await harness.WaitUntilAsync(load => load.CacheTokens > 40);

        var (_, end) = await harness.RunAsync(harness.Request("Something else", 4) with { Terms = Urgent, IsOver = _ => (toldBefore = told) < 0 });

        end.CompletionTokens.ShouldBe(4);
        batch.Timings.Total.ShouldBeNull();
        var (text, last) = await EngineHarness.ReadAsync(batch);
        last.ShouldBeOfType<GenerationEvent.Finished>().ShouldBe(new GenerationEvent.Finished("length", harness.Request("The factory", 1).Prompt.Length, 0, 480));
        toldBefore.ShouldBeInRange(1, expected.Length - 100);
        text[..(toldBefore + 10)].ShouldBe(expected[..(toldBefore + 10)]);
        if (storeBytes > 0)
        {
            text.ShouldBe(expected);
        }
    }

    [Fact]
    public async Task Requests_of_one_priority_wait_for_each_other()
    {
        await using var harness = new EngineHarness(models.Endless, slots: 1);
        var first = harness.RunAsync(harness.Request("The factory", 200) with { Terms = Batch });
        await harness.WaitUntilAsync(load => load.CacheTokens > 20);
        await harness.RunAsync(harness.Request("Something else", 4) with { Terms = Batch });
        first.IsCompleted.ShouldBeTrue();
    }

    [Fact]
    public async Task One_that_leaves_while_it_is_out_and_one_that_is_out_when_the_engine_stops_are_ended()
    {
        await using var harness = new EngineHarness(models.Endless, slots: 2);
        var batch = Enumerable.Range(0, 2).Select(_ => harness.Submit(harness.Request("The factory", 480) with { Terms = Batch })).ToList();
        await harness.WaitUntilAsync(load => load.Running == 2);
        var urgent = Enumerable.Range(0, 2).Select(_ => harness.Submit(harness.Request("Something else", 480) with { Terms = Urgent })).ToList();
        await harness.WaitUntilAsync(load => load is { Running: 2, Waiting: 2 } && urgent.All(generation => generation.Timings.Queue is not null));

        batch[0].Cancel();
        await harness.WaitUntilAsync(load => load.Waiting == 1);
        batch[0].Timings.Total.ShouldNotBeNull();
        await harness.Engine.StopAsync(TimeSpan.Zero);

        (await EngineHarness.ReadAsync(batch[1])).End.ShouldBeOfType<GenerationEvent.Stopped>();
        harness.Engine.Load.ShouldBe(new EngineLoad(0, 0, 0, 512 * 2));
        urgent.ForEach(generation => generation.Cancel());
    }

    [Fact]
    public async Task Whoever_had_to_leave_all_are_answered_whole()
    {
        // They may be sent out again at once, and the store holds a few of them only.
        await using var harness = new EngineHarness(models.Endless, slots: 3, shape: shape => shape with { StoreBytes = 100_000, AgingInterval = TimeSpan.FromMilliseconds(1) });
        using var preemptions = new Counts(harness.Telemetry.Preemptions);
        var random = new Random(2);
        var requests = Enumerable.Range(0, 80)
            .Select(number => harness.Request($"Client {number} asks {number * number}", random.Next(1, 60)) with { Terms = new RequestTerms($"{number % 3}", random.Next(-3, 4)) }).ToList();
        var answers = requests.Select(harness.RunAsync).ToList();

        foreach (var (request, answer) in requests.Zip(await Task.WhenAll(answers)))
        {
            answer.End.CompletionTokens.ShouldBe(request.MaxTokens);
            answer.End.PromptTokens.ShouldBe(request.Prompt.Length);
        }

        preemptions.Total.ShouldBeGreaterThan(0);
        harness.Engine.Load.ShouldBe(new EngineLoad(0, 0, 0, 512 * 3));
    }
}
