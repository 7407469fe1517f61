using AiFactory.Inference.Engine;

namespace AiFactory.Inference.Tests.Engine.Prefixes;

public sealed class PrefixCacheTests(GeneratedModels models)
{
    private static readonly string Beginning = string.Concat(Enumerable.Range(0, 40).Select(number => $"rule {number}: be kind. "));

    [Fact]
    public async Task A_prompt_that_begins_like_an_ended_one_starts_behind_it_and_is_answered_alike()
    {
        await using var harness = new EngineHarness(models.Endless, contextLength: 1024);
        await using var cold = new EngineHarness(models.Endless, contextLength: 1024);
        var first = await harness.RunAsync(harness.Request(Beginning + "Who are you?", 8));
        var second = await harness.RunAsync(harness.Request(Beginning + "What is this?", 16));

        first.End.CachedTokens.ShouldBe(0);
        second.End.CachedTokens.ShouldBeGreaterThanOrEqualTo(Length(harness, Beginning) - 2);
        second.End.PromptTokens.ShouldBe(Length(harness, Beginning + "What is this?"));
        second.Text.ShouldBe((await cold.RunAsync(cold.Request(Beginning + "What is this?", 16))).Text);
    }

    [Fact]
    public async Task A_conversation_goes_on_behind_its_own_answer()
    {
        await using var harness = new EngineHarness(models.Endless, contextLength: 1024);
        var first = harness.Request(Beginning, 24);
        var (said, end) = await harness.RunAsync(first);
        var answer = harness.Model.Tokenize(said, addSpecial: false, parseSpecial: false);

        var (_, next) = await harness.RunAsync(first with { Prompt = [.. first.Prompt, .. answer, .. first.Prompt[..3]], MaxTokens = 4 });

        next.CachedTokens.ShouldBeGreaterThan(end.PromptTokens + 4);
    }

    [Fact]
    public async Task A_running_answer_lends_its_prompt_and_neither_says_anything_else_for_it()
    {
        await using var harness = new EngineHarness(models.Endless, contextLength: 1024);
        await using var cold = new EngineHarness(models.Endless, contextLength: 1024);
        var lender = harness.RunAsync(harness.Request(Beginning + "Tell", 200));
        await harness.WaitUntilAsync(load => load.CacheTokens > Length(harness, Beginning));

        var borrower = await harness.RunAsync(harness.Request(Beginning + "What is this?", 8));

        borrower.End.CachedTokens.ShouldBeGreaterThanOrEqualTo(Length(harness, Beginning) - 2);
        borrower.Text.ShouldBe((await cold.RunAsync(cold.Request(Beginning + "What is this?", 8) with { Tenant = "a" })).Text);
        (await lender).Text.ShouldStartWith((await cold.RunAsync(cold.Request(Beginning + "Tell", 8) with { Tenant = "b" })).Text);
    }

    [Fact]
    public async Task A_model_with_a_sliding_window_starts_behind_a_whole_state_only()
    {
        // A copy leaves out the tokens outside the window: cut shorter, it had none inside.
        await using var harness = new EngineHarness(models.Windowed, contextLength: 1024);
        await using var cold = new EngineHarness(models.Windowed, contextLength: 1024);
        harness.Model.KeepsParts.ShouldBeFalse();
        await harness.RunAsync(harness.Request(Beginning + "Who are you, and what do you make here all day long?", 8));

        var second = await harness.RunAsync(harness.Request(Beginning + "What is this?", 16));

        second.End.CachedTokens.ShouldBe(0);
        second.Text.ShouldBe((await cold.RunAsync(cold.Request(Beginning + "What is this?", 16))).Text);
    }

    [Fact]
    public async Task Beside_a_running_answer_conversations_in_turn_keep_their_beginnings()
    {
        await using var harness = new EngineHarness(models.Endless, contextLength: 2048, shape: shape => shape with { StoreBytes = 16 << 20 });
        var running = harness.Submit(harness.Request("Tell", 1900));
        await harness.WaitUntilAsync(load => load.Running == 1);

        await harness.RunAsync(harness.Request(Named("Ada"), 4));
        await harness.RunAsync(harness.Request(Named("Bob"), 4));
        (await harness.RunAsync(harness.Request(Named("Ada"), 4))).End.CachedTokens.ShouldBeGreaterThan(50);
        (await harness.RunAsync(harness.Request(Named("Bob"), 4))).End.CachedTokens.ShouldBeGreaterThan(50);
        running.Cancel();
    }

    [Fact]
    public async Task Another_tenant_finds_nothing()
    {
        await using var harness = new EngineHarness(models.Endless, contextLength: 1024);
        await harness.RunAsync(harness.Request(Beginning, 4) with { Tenant = "one" });

        (await harness.RunAsync(harness.Request(Beginning, 4) with { Tenant = "two" })).End.CachedTokens.ShouldBe(0);
        (await harness.RunAsync(harness.Request(Beginning, 4))).End.CachedTokens.ShouldBe(0);
        (await harness.RunAsync(harness.Request(Beginning, 4) with { Tenant = "one" })).End.CachedTokens.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_request_that_reads_no_cache_computes_its_whole_prompt_and_leaves_it_to_others()
    {
        await using var harness = new EngineHarness(models.Endless, contextLength: 1024, shape: shape => shape with { StoreBytes = 16 << 20 });
        var cold = await harness.RunAsync(harness.Request(Beginning, 16) with { ReadsCache = false });

        var whole = await harness.RunAsync(harness.Request(Beginning, 16) with { ReadsCache = false });
        var both = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => harness.RunAsync(harness.Request(Beginning, 4) with { ReadsCache = false })));

        whole.End.CachedTokens.ShouldBe(0);
        whole.Text.ShouldBe(cold.Text);
        both.ShouldAllBe(answer => answer.End.CachedTokens == 0);
        (await harness.RunAsync(harness.Request(Beginning, 4))).End.CachedTokens.ShouldBe(Length(harness, Beginning) - 1);
    }

    [Fact]
    public async Task Of_cold_requests_that_begin_alike_one_computes_the_beginning()
    {
        await using var harness = new EngineHarness(models.Endless, contextLength: 1024, slots: 6, batchSize: 64);
        await using var cold = new EngineHarness(models.Endless, contextLength: 1024, batchSize: 64);
        var prompts = Enumerable.Range(0, 6).Select(number => $"{Beginning}Question {number}?").ToList();

        var answers = await Task.WhenAll(prompts.Select(prompt => harness.RunAsync(harness.Request(prompt, 4))));

        answers.Count(answer => answer.End.CachedTokens == 0).ShouldBe(1);
        answers.Where(answer => answer.End.CachedTokens > 0).ShouldAllBe(answer => answer.End.CachedTokens >= Length(harness, Beginning) - 2);
        foreach (var (prompt, answer) in prompts.Zip(answers))
        {
            answer.Text.ShouldBe((await cold.RunAsync(cold.Request(prompt, 4) with { Tenant = prompt })).Text);
        }
    }

    [Fact]
    public async Task When_the_one_that_computes_leaves_another_goes_on_behind_what_it_did()
    {
        await using var harness = new EngineHarness(models.Endless, contextLength: 2048, slots: 4, batchSize: 32);
        var beginning = Beginning + Beginning;
        var leader = harness.Submit(harness.Request(beginning + "first", 200));
        await harness.WaitUntilAsync(load => load.CacheTokens > 0);
        leader.Cancel();
        var ends = await Task.WhenAll(Enumerable.Range(0, 3).Select(number => harness.RunAsync(harness.Request($"{beginning}Question {number}?", 4))));

        ends.ShouldAllBe(answer => answer.End.CompletionTokens == 4 && answer.End.CachedTokens > 0);

        // It left in the middle: nobody found all of the beginning but behind another who went on with it.
        ends.Min(answer => answer.End.CachedTokens).ShouldBeLessThan(Length(harness, beginning) - 2);
    }

    [Fact]
    public async Task The_slot_that_was_used_longest_ago_is_taken_first()
    {
        await using var harness = new EngineHarness(models.Endless, contextLength: 1024, slots: 2);
        await harness.RunAsync(harness.Request(Named("Ada"), 4));
        await harness.RunAsync(harness.Request(Named("Bob"), 4));
        (await harness.RunAsync(harness.Request(Named("Ada"), 4))).End.CachedTokens.ShouldBeGreaterThan(50);
        await harness.RunAsync(harness.Request(Named("Cem"), 4));

        (await harness.RunAsync(harness.Request(Named("Ada"), 4))).End.CachedTokens.ShouldBeGreaterThan(50);
        (await harness.RunAsync(harness.Request(Named("Bob"), 4))).End.CachedTokens.ShouldBeLessThan(10);
    }

    [Fact]
    public async Task More_beginnings_are_kept_than_there_are_slots()
    {
        await using var harness = new EngineHarness(models.Endless, contextLength: 1024, slots: 1, shape: shape => shape with { StoreBytes = 16 << 20 });
        string[] names = ["Ada", "Bob", "Cem", "Dee", "Eve"];
        var cold = new List<string>();
        foreach (var name in names)
        {
            var (text, end) = await harness.RunAsync(harness.Request(Named(name), 8));
            end.CachedTokens.ShouldBeLessThan(10);
            cold.Add(text);
        }

        foreach (var (name, text) in names.Zip(cold))
        {
            var again = await harness.RunAsync(harness.Request(Named(name), 8));
            again.End.CachedTokens.ShouldBeGreaterThan(50);
            again.Text.ShouldBe(text);
            (await harness.RunAsync(harness.Request(Named(name), 1) with { Tenant = "other" })).End.CachedTokens.ShouldBe(0);
        }
    }

    /// <summary>A copy takes all that its source holds: 32 tokens of it take as long as computing one, about.</summary>
    [Theory]
    [InlineData(1_200, 40)]
    [InlineData(1_400, 0)]
    public async Task A_short_beginning_of_something_long_is_computed_and_not_copied(int length, int cached)
    {
        await using var harness = new EngineHarness(models.Endless, contextLength: 2048, slots: 2);
        var beginning = Enumerable.Repeat(301, 40);
        await harness.RunAsync(harness.Request("", 1) with { Prompt = [.. beginning, .. Enumerable.Repeat(302, length - 40)] });

        var (_, end) = await harness.RunAsync(harness.Request("", 1) with { Prompt = [.. beginning, .. Enumerable.Repeat(303, 10)] });

        end.CachedTokens.ShouldBe(cached);
    }

    private static string Named(string name) => string.Concat(Enumerable.Repeat($"{name} is a name. ", 20));

    private static int Length(EngineHarness harness, string text) => harness.Request(text, 1).Prompt.Length;
}
