using System.Text;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Engine;

namespace AiFactory.Inference.Tests.Engine;

public sealed class GenerationEngineTests(GeneratedModels models)
{
    [Fact]
    public async Task An_answer_that_cannot_go_on_ends_alone()
    {
        await using var harness = new EngineHarness(models.Endless, slots: 2);
        var other = harness.RunAsync(harness.Request("The factory", 100));

        var (_, end) = await EngineHarness.ReadAsync(harness.Submit(harness.Request("Something else", 100) with { IsOver = _ => throw new InvalidOperationException("a bug") }));

        end.ShouldBeOfType<GenerationEvent.Failed>();
        (await other).End.CompletionTokens.ShouldBe(100);
        harness.Engine.Ended.IsCompleted.ShouldBeFalse();
        harness.Engine.Load.Running.ShouldBe(0);
    }

    [Fact]
    public async Task Greedy_answers_alone_are_the_same_each_time()
    {
        await using var harness = new EngineHarness(models.Endless);
        var (first, _) = await harness.RunAsync(harness.Request("The factory", 48));
        var (second, end) = await harness.RunAsync(harness.Request("The factory", 48));
        second.ShouldBe(first);
        end.FinishReason.ShouldBe(FinishReasons.Length);
        end.CompletionTokens.ShouldBe(48);
    }

    [Fact]
    public async Task A_request_that_cannot_start_is_ended_and_the_next_is_answered()
    {
        await using var harness = new EngineHarness(models.Endless);
        // No sampling: no endpoint makes that; it stands for whatever throws when a sequence is made.
        var (_, end) = await EngineHarness.ReadAsync(harness.Submit(harness.Request("Tell", 4) with { Sampling = null! }));
        end.ShouldBeOfType<GenerationEvent.Failed>();
        (await harness.RunAsync(harness.Request("Tell", 4))).End.CompletionTokens.ShouldBe(4);
    }

    [Fact]
    public async Task An_engine_that_died_tells_those_who_wait_and_is_disposed_without_a_throw()
    {
        var time = new BrokenClock();
        await using var harness = new EngineHarness(models.Endless, time: time);
        var generation = harness.Submit(harness.Request("Tell", 400));
        await harness.WaitUntilAsync(_ => generation.Timings.TimeToFirstToken is not null);
        time.BreakOnce(Environment.CurrentManagedThreadId);
        (await EngineHarness.ReadAsync(generation)).End.ShouldBeOfType<GenerationEvent.Failed>();
        await Should.ThrowAsync<InvalidOperationException>(harness.Engine.Ended);
        await harness.Engine.DisposeAsync();
    }

    [Fact]
    public async Task A_long_prompt_in_parts_gives_what_it_gives_in_one_batch()
    {
        var prompt = string.Concat(Enumerable.Repeat("one word after another and ", 40));
        await using var whole = new EngineHarness(models.Endless, batchSize: 512);
        await using var parts = new EngineHarness(models.Endless, batchSize: 32);
        (await parts.RunAsync(parts.Request(prompt, 16))).Text.ShouldBe((await whole.RunAsync(whole.Request(prompt, 16))).Text);
    }

    [Fact]
    public async Task Sampled_answers_repeat_with_their_seed()
    {
        await using var harness = new EngineHarness(models.Endless);
        var sampling = EngineHarness.Greedy with { Temperature = 1f, TopP = 0.95f, TopK = 40, MinP = 0.01f, Seed = 7 };
        var (first, _) = await harness.RunAsync(harness.Request("Tell", 32, sampling));
        (await harness.RunAsync(harness.Request("Tell", 32, sampling))).Text.ShouldBe(first);
        (await harness.RunAsync(harness.Request("Tell", 32, sampling with { Seed = 8 }))).Text.ShouldNotBe(first);
    }

    [Fact]
    public async Task Penalties_change_what_repeats()
    {
        await using var harness = new EngineHarness(models.Endless);
        var (plain, _) = await harness.RunAsync(harness.Request("Tell", 64));
        (await harness.RunAsync(harness.Request("Tell", 64, EngineHarness.Greedy with { PresencePenalty = 2f, FrequencyPenalty = 2f }))).Text.ShouldNotBe(plain);
        (await harness.RunAsync(harness.Request("Tell", 64, EngineHarness.Greedy with { RepetitionPenalty = 1.5f }))).Text.ShouldNotBe(plain);
    }

    [Fact]
    public async Task Sixteen_clients_all_complete_with_exact_usage()
    {
        await using var harness = new EngineHarness(models.Endless, slots: 4);
        var requests = Enumerable.Range(1, 16).Select(i => harness.Request(string.Concat(Enumerable.Repeat($"request {i} ", i)), 8 + i)).ToList();
        var results = await Task.WhenAll(requests.Select(harness.RunAsync));
        for (var i = 0; i < requests.Count; i++)
        {
            results[i].End.CompletionTokens.ShouldBe(requests[i].MaxTokens);
            results[i].End.PromptTokens.ShouldBe(requests[i].Prompt.Length);
        }

        harness.Engine.Load.ShouldBe(new EngineLoad(0, 0, 0, 512 * 4));
    }

    [Fact]
    public async Task A_neighbour_does_not_change_the_first_tokens()
    {
        // Rounding may differ with the size of the batch, so only the beginning is compared.
        await using var harness = new EngineHarness(models.Endless, slots: 4);
        var alone = (await harness.RunAsync(harness.Request("The library", 4))).Text;
        var together = await Task.WhenAll(
            harness.RunAsync(harness.Request("Something else entirely, and longer", 40)),
            harness.RunAsync(harness.Request("The library", 4)),
            harness.RunAsync(harness.Request("A third", 20)));
        together[1].Text.ShouldBe(alone);
    }

    [Fact]
    public async Task A_client_that_leaves_frees_its_slot_at_the_next_step()
    {
        await using var harness = new EngineHarness(models.Endless, slots: 1);
        var leaving = harness.Submit(harness.Request("Hello", 500));
        await foreach (var _ in leaving.ReadAsync(TestContext.Current.CancellationToken))
        {
            break;
        }

        await harness.WaitUntilAsync(load => load.Running == 0);
        leaving.Timings.Total.ShouldNotBeNull();
        (await harness.RunAsync(harness.Request("Hello", 5))).End.CompletionTokens.ShouldBe(5);
    }

    [Fact]
    public async Task A_client_that_leaves_the_queue_is_never_computed()
    {
        await using var harness = new EngineHarness(models.Endless, slots: 1);
        var running = harness.Submit(harness.Request("Hello", 200));
        var waiting = harness.Submit(harness.Request("Hello", 200));
        waiting.Cancel();
        (await EngineHarness.ReadAsync(running)).End.ShouldBeOfType<GenerationEvent.Finished>();
        await harness.WaitUntilAsync(load => load.Waiting == 0);
        waiting.Timings.TimeToFirstToken.ShouldBeNull();
    }

    [Fact]
    public async Task A_full_queue_refuses_and_says_when_to_return()
    {
        await using var harness = new EngineHarness(models.Endless, slots: 1, queueLimit: 1);
        var first = harness.Submit(harness.Request("Hello", 400));
        await harness.WaitUntilAsync(load => load.Running == 1);
        var second = harness.Submit(harness.Request("Hello", 5));
        harness.Engine.Submit(harness.Request("Hello", 5)).ShouldBeOfType<Submission.QueueFull>().RetryAfter.ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(1));
        first.Cancel();
        (await EngineHarness.ReadAsync(second)).End.ShouldBeOfType<GenerationEvent.Finished>();
    }

    [Fact]
    public async Task A_stop_text_ends_the_answer_and_is_not_in_it()
    {
        await using var harness = new EngineHarness(models.Endless);
        var (whole, _) = await harness.RunAsync(harness.Request("The factory", 40));

        // A text that begins in the middle of one token and ends in the middle of a later one.
        var stop = whole.Substring(whole.Length / 2, 9);
        var (text, end) = await harness.RunAsync(harness.Request("The factory", 40, null, stop));
        text.ShouldBe(whole[..whole.IndexOf(stop, StringComparison.Ordinal)]);
        end.FinishReason.ShouldBe(FinishReasons.Stop);
        end.CompletionTokens.ShouldBeLessThan(40);
    }

    [Fact]
    public async Task An_answer_ends_where_its_reader_says_so()
    {
        await using var harness = new EngineHarness(models.Endless);
        var seen = "";
        var (text, end) = await harness.RunAsync(harness.Request("The factory", 40) with { IsOver = piece => (seen += piece).Length > 10 });
        text.ShouldBe(seen);
        end.FinishReason.ShouldBe(FinishReasons.Stop);
        end.CompletionTokens.ShouldBeLessThan(40);
    }

    [Fact]
    public async Task Pieces_are_whole_characters_though_tokens_are_single_bytes()
    {
        await using var harness = new EngineHarness(models.EndlessBytes);
        var sampling = EngineHarness.Greedy with { Temperature = 1f, Seed = 5 }; // at 2 the end of the turn comes now and then
        var (text, end) = await harness.RunAsync(harness.Request("x", 400, sampling));
        end.CompletionTokens.ShouldBe(400);

        // Encoding throws on half a surrogate pair, which a cut in the middle of a character would leave.
        new UTF8Encoding(false, throwOnInvalidBytes: true).GetBytes(text).ShouldNotBeEmpty();
    }

    [Fact]
    public async Task Stopping_ends_what_runs_and_waits_and_takes_nothing_more()
    {
        await using var harness = new EngineHarness(models.Endless, slots: 1);
        using var ended = new Counts(harness.Telemetry.Requests);
        var running = harness.Submit(harness.Request("Hello", 500));
        var waiting = harness.Submit(harness.Request("Hello", 500));
        var stopped = harness.Engine.StopAsync(TimeSpan.Zero);
        (await EngineHarness.ReadAsync(running)).End.ShouldBeOfType<GenerationEvent.Stopped>();
        (await EngineHarness.ReadAsync(waiting)).End.ShouldBeOfType<GenerationEvent.Stopped>();
        await stopped;
        ended.Total.ShouldBe(2);
        harness.Engine.Submit(harness.Request("Hello", 5)).ShouldBeOfType<Submission.Stopping>();
        running.Cancel();
    }

    [Fact]
    public async Task Within_its_grace_an_answer_ends_whole()
    {
        await using var harness = new EngineHarness(models.Endless, slots: 1);
        var running = harness.Submit(harness.Request("Hello", 30));
        var waiting = harness.Submit(harness.Request("Hello", 30));
        await harness.Engine.StopAsync(TimeSpan.FromMinutes(1));
        (await EngineHarness.ReadAsync(running)).End.ShouldBeOfType<GenerationEvent.Finished>().CompletionTokens.ShouldBe(30);
        (await EngineHarness.ReadAsync(waiting)).End.ShouldBeOfType<GenerationEvent.Finished>().CompletionTokens.ShouldBe(30);
    }

    [Fact]
    public async Task Clients_that_leave_at_random_lose_no_slot()
    {
        await using var harness = new EngineHarness(models.Endless, slots: 4);
        var random = new Random(3);
        var clients = Enumerable.Range(0, 120).Select(i => (Leaves: random.Next(5) == 0, Tokens: random.Next(1, 24), Request: i)).ToList();
        await Task.WhenAll(clients.Select(async client =>
        {
            var generation = harness.Submit(harness.Request($"Client {client.Request} asks", client.Tokens));
            if (client.Leaves)
            {
                await foreach (var _ in generation.ReadAsync(CancellationToken.None))
                {
                    break;
                }
            }
            else
            {
                (await EngineHarness.ReadAsync(generation)).End.ShouldBeOfType<GenerationEvent.Finished>().CompletionTokens.ShouldBe(client.Tokens);
            }
        }));
        await harness.WaitUntilAsync(load => load is { Running: 0, Waiting: 0, CacheTokens: 0 });
    }

    /// <summary>Throws once, on another thread than the test's: the engine's.</summary>
    private sealed class BrokenClock : TimeProvider
    {
        private int _spared;

        public void BreakOnce(int spared) => Volatile.Write(ref _spared, spared);

        public override long GetTimestamp()
        {
            if (Volatile.Read(ref _spared) is var spared && spared != 0 && spared != Environment.CurrentManagedThreadId)
            {
                Volatile.Write(ref _spared, 0);
                throw new InvalidOperationException("The clock broke.");
            }

            return base.GetTimestamp();
        }
    }
}
