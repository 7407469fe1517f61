using AiFactory.Inference.Engine;
using AiFactory.Inference.Engine.Admission;
using AiFactory.Testing;

namespace AiFactory.Inference.Tests.Engine.Admission;

public sealed class EngineAdmissionTests(GeneratedModels models)
{
    [Fact]
    public async Task Who_waits_past_the_deadline_is_told_so_and_nothing_is_computed_for_it()
    {
        var time = new ManualTimeProvider();
        await using var harness = new EngineHarness(models.Endless, slots: 1, time: time);
        var running = harness.Submit(harness.Request("Hello", 500));
        await harness.WaitUntilAsync(load => load.Running == 1);
        var hurried = harness.Submit(harness.Request("Hello", 5) with { Terms = new RequestTerms("a", Patience: TimeSpan.FromMilliseconds(100)) });
        var patient = harness.Submit(harness.Request("Hello", 5) with { Terms = new RequestTerms("a") });
        time.Advance(TimeSpan.FromMilliseconds(100));

        (await EngineHarness.ReadAsync(hurried)).End.ShouldBeOfType<GenerationEvent.Expired>();
        hurried.Timings.Queue.ShouldBeNull();
        running.Cancel();
        (await EngineHarness.ReadAsync(patient)).End.ShouldBeOfType<GenerationEvent.Finished>();
    }

    [Fact]
    public async Task Who_waits_in_a_slot_for_anothers_same_beginning_is_told_at_its_deadline_too()
    {
        var time = new ManualTimeProvider();
        await using var harness = new EngineHarness(models.Endless, contextLength: 4096, slots: 2, batchSize: 16, time: time);
        var prompt = Enumerable.Range(0, 4000).Select(token => 300 + (token % 50)).ToArray();
        var computing = harness.Submit(harness.Request("", 5) with { Prompt = prompt });
        await harness.WaitUntilAsync(load => load.Running == 1 && load.CacheTokens > 0);
        var hurried = harness.Submit(harness.Request("", 5) with { Prompt = [.. prompt, 300], Terms = new RequestTerms("a", Patience: TimeSpan.FromMilliseconds(100)) });
        await harness.WaitUntilAsync(load => load.Running == 2);
        time.Advance(TimeSpan.FromMilliseconds(100));

        (await EngineHarness.ReadAsync(hurried)).End.ShouldBeOfType<GenerationEvent.Expired>();
        hurried.Timings.Queue.ShouldBeNull();
        computing.Timings.TimeToFirstToken.ShouldBeNull("or it waited for nothing");
        computing.Cancel();
    }

    [Fact]
    public async Task Who_had_to_leave_before_it_began_is_told_at_its_deadline_too()
    {
        var time = new ManualTimeProvider();
        await using var harness = new EngineHarness(models.Endless, contextLength: 4096, slots: 2, batchSize: 16, time: time);
        var prompt = Enumerable.Range(0, 4000).Select(token => 300 + (token % 50)).ToArray();
        var computing = harness.Submit(harness.Request("", 5) with { Prompt = prompt });
        await harness.WaitUntilAsync(load => load.Running == 1 && load.CacheTokens > 0);
        var hurried = harness.Submit(harness.Request("", 5) with { Prompt = [.. prompt, 300], Terms = new RequestTerms("a", Priority: 10, Patience: TimeSpan.FromMilliseconds(100)) });
        await harness.WaitUntilAsync(load => load.Running == 2);
        var urgent = harness.Submit(harness.Request("Hello", 4000) with { Terms = new RequestTerms("a") });
        await harness.WaitUntilAsync(load => load is { Running: 2, Waiting: 1 } && urgent.Timings.Queue is not null);
        time.Advance(TimeSpan.FromMilliseconds(100));

        (await EngineHarness.ReadAsync(hurried)).End.ShouldBeOfType<GenerationEvent.Expired>();
        hurried.Timings.Queue.ShouldBeNull();
        (computing.Timings.Total, urgent.Timings.Total).ShouldBe((null, null), "or a slot was free for it");
        await harness.WaitUntilAsync(load => load.Waiting == 0);
        computing.Cancel();
        urgent.Cancel();
    }

    [Fact]
    public async Task Who_never_started_is_counted_as_ended()
    {
        var time = new ManualTimeProvider();
        await using var harness = new EngineHarness(models.Endless, slots: 1, time: time);
        using var counts = new Counts(harness.Telemetry.Requests);
        var running = harness.Submit(harness.Request("Hello", 500));
        await harness.WaitUntilAsync(load => load.Running == 1);
        var hurried = harness.Submit(harness.Request("Hello", 5) with { Terms = new RequestTerms("a", Patience: TimeSpan.FromMilliseconds(100)) });
        var abandoned = harness.Submit(harness.Request("Hello", 5));
        time.Advance(TimeSpan.FromMilliseconds(100));
        await EngineHarness.ReadAsync(hurried);
        abandoned.Cancel();
        running.Cancel();
        await harness.RunAsync(harness.Request("Hello", 1));
        await harness.Engine.StopAsync(TimeSpan.FromSeconds(30));

        counts.Total.ShouldBe(4);
    }

    [Fact]
    public async Task Who_had_to_leave_counts_as_waiting_in_the_limit()
    {
        await using var harness = new EngineHarness(models.Endless, slots: 1, queueLimit: 1);
        using var preemptions = new Counts(harness.Telemetry.Preemptions);
        var batch = harness.Submit(harness.Request("Hello", 500) with { Terms = new RequestTerms("a", Priority: 10) });
        await harness.WaitUntilAsync(load => load.Running == 1);
        var urgent = harness.Submit(harness.Request("Something", 500) with { Terms = new RequestTerms("a") });
        await harness.WaitUntilAsync(load => load is { Running: 1, Waiting: 1 } && urgent.Timings.TimeToFirstToken is not null);

        harness.Engine.Submit(harness.Request("Hello", 5) with { Terms = new RequestTerms("b") }).ShouldBeOfType<Submission.QueueFull>();
        preemptions.Total.ShouldBe(1);
        urgent.Cancel();
        batch.Cancel();
    }

    [Fact]
    public async Task Answers_that_clients_left_are_no_measure_of_an_answer()
    {
        await using var harness = new EngineHarness(models.Endless, slots: 1);
        var expected = harness.Submit(harness.Request("Hello", 400));
        expected.Cancel();
        for (var i = 0; i < 5; i++)
        {
            var leaving = harness.Submit(harness.Request("Hello", 400));
            await harness.WaitUntilAsync(_ => leaving.Timings.Queue is not null);
            leaving.Cancel();
            await harness.WaitUntilAsync(load => load.Running == 0);
        }

        var next = harness.Submit(harness.Request("Hello", 400));
        next.Estimate.ShouldBe(expected.Estimate);
        next.Cancel();
    }

    [Fact]
    public async Task A_project_that_asks_once_does_not_wait_for_all_of_another()
    {
        var order = new List<string>();
        await using var harness = new EngineHarness(models.Endless, slots: 1);
        var running = harness.Submit(harness.Request("Hello", 500));
        await harness.WaitUntilAsync(load => load.Running == 1);
        var waiting = Enumerable.Range(0, 5).Select(number => Submit($"many {number}", "many")).Append(Submit("one", "one")).Append(Submit("urgent", "many", priority: -1)).ToList();
        running.Cancel();
        await Task.WhenAll(waiting.Select(EngineHarness.ReadAsync));

        order[0].ShouldBe("urgent");
        order.IndexOf("one").ShouldBeLessThan(3);
        order.Count.ShouldBe(7);

        Generation Submit(string name, string project, int priority = 0)
        {
            var said = false;
            return harness.Submit(harness.Request($"Say {name}", 4) with { Terms = new RequestTerms(project, priority), IsOver = _ => Note(name, ref said) });
        }

        bool Note(string name, ref bool said)
        {
            if (!said)
            {
                order.Add(name);
            }

            return said = true;
        }
    }

    [Fact]
    public async Task A_queue_that_clients_left_has_room_at_once()
    {
        await using var harness = new EngineHarness(models.Endless, slots: 1, queueLimit: 2);
        var running = harness.Submit(harness.Request("Hello", 500));
        await harness.WaitUntilAsync(load => load.Running == 1);
        var first = harness.Submit(harness.Request("Hello", 5));
        var second = harness.Submit(harness.Request("Hello", 5));
        second.Cancel();
        await harness.WaitUntilAsync(load => load.Waiting == 1);

        harness.Submit(harness.Request("Hello", 5)).Cancel();
        running.Cancel();
        (await EngineHarness.ReadAsync(first)).End.ShouldBeOfType<GenerationEvent.Finished>();
    }

    [Fact]
    public async Task While_an_answer_is_written_steps_compute_few_tokens_of_prompts()
    {
        await using var harness = new EngineHarness(models.Endless, contextLength: 1024, batchSize: 512, shape: shape => shape with { PrefillTokens = 32 });
        var told = 0;
        var writing = harness.Submit(harness.Request("Hello", 1000) with { IsOver = _ => ++told < 0 });
        await harness.WaitUntilAsync(load => load.CacheTokens > 10);
        var before = Volatile.Read(ref told);
        var prompt = string.Concat(Enumerable.Range(0, 60).Select(number => $"word {number} and "));

        await harness.RunAsync(harness.Request(prompt, 1));

        // One token of the answer, at the least, between two parts of the prompt; some tell no text.
        (Volatile.Read(ref told) - before).ShouldBeGreaterThan(harness.Request(prompt, 1).Prompt.Length / 32 / 2);
        writing.Cancel();
    }
}
