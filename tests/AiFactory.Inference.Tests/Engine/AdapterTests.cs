using System.Diagnostics;
using AiFactory.Inference.Adapters;
using AiFactory.Inference.Engine;
using AiFactory.Inference.Native;
using AiFactory.Inference.Serving;
using AiFactory.Inference.Weights;
using AiFactory.Inference.Weights.Gguf;
using AiFactory.ModelGenerator.Models;
using Microsoft.Extensions.Options;

namespace AiFactory.Inference.Tests.Engine;

/// <summary>Adapters on a real model. Greedy answers are compared letter by letter: each is alone in the passes of its adapter, so that nothing rounds otherwise.</summary>
public sealed class AdapterTests(GeneratedModels models)
{
    private const string Prompt = "The factory makes many things of many kinds, and each of them has a name of its own that nobody else has. Who asks for a thing says its name and how many are wanted, and hears on which day they will be there and what they cost; who asks for a thing that is not made hears which others are like it.";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_adapter_that_adds_nothing_answers_as_the_model_token_for_token_and_another_does_not()
    {
        await using var harness = Harness();
        await AddAsync(harness, "nothing", new LoraAdapterOptions { Strength = 0 });
        await AddAsync(harness, "much", new LoraAdapterOptions { Strength = 1 });
        var (model, _) = await harness.RunAsync(Request(harness, null));
        (await harness.RunAsync(Request(harness, "nothing"))).Text.ShouldBe(model);
        (await harness.RunAsync(Request(harness, "much"))).Text.ShouldNotBe(model);
        (await harness.RunAsync(Request(harness, null, tenant: "again"))).Text.ShouldBe(model);
    }

    [Fact]
    public async Task Two_adapters_and_the_model_at_the_same_time_each_answer_as_alone()
    {
        await using var harness = Harness();
        await AddAsync(harness, "one", new LoraAdapterOptions { Seed = 1 });
        await AddAsync(harness, "two", new LoraAdapterOptions { Seed = 2, Rank = 8 });
        string?[] names = [null, "one", "two"];
        var alone = new List<string>();
        foreach (var name in names)
        {
            alone.Add((await harness.RunAsync(Request(harness, name))).Text);
        }

        alone.Distinct().Count().ShouldBe(3);
        for (var round = 0; round < 3; round++)
        {
            // Another tenant each time: nothing of the rounds before is gone on from.
            var together = names.Select(name => harness.Submit(Request(harness, name, tenant: $"round {round}"))).ToList();
            for (var index = 0; index < names.Length; index++)
            {
                (await EngineHarness.ReadAsync(together[index])).Text.ShouldBe(alone[index], names[index] ?? "the model");
            }
        }
    }

    [Fact]
    public async Task Nobody_goes_on_from_what_another_adapter_computed()
    {
        await using var harness = Harness();
        await AddAsync(harness, "one", new LoraAdapterOptions { Seed = 1 });
        await AddAsync(harness, "two", new LoraAdapterOptions { Seed = 2 });
        foreach (var tenant in new[] { null, "", "project" })
        {
            foreach (var name in new[] { null, "one", "two" })
            {
                (await harness.RunAsync(Request(harness, name, tenant))).End.CachedTokens.ShouldBe(0, $"{name} {tenant}");
            }
        }

        foreach (var name in new[] { null, "one", "two" })
        {
            (await harness.RunAsync(Request(harness, name, "project"))).End.CachedTokens.ShouldBeGreaterThan(64, name);
        }

        // Nor from what an adapter of the same name had computed.
        (await harness.Engine.RemoveAdapterAsync("one", TimeSpan.FromSeconds(10))).ShouldBeTrue();
        await AddAsync(harness, "one", new LoraAdapterOptions { Seed = 3 });
        (await harness.RunAsync(Request(harness, "one", "project"))).End.CachedTokens.ShouldBe(0);
    }

    [Fact]
    public async Task A_request_that_must_leave_its_slot_goes_on_with_its_own_adapter()
    {
        await using var harness = Harness(slots: 1, shape => shape with { StoreBytes = 32 << 20, AgingInterval = TimeSpan.FromHours(1) });
        await AddAsync(harness, "one", new LoraAdapterOptions { Seed = 1 });
        var alone = (await harness.RunAsync(Request(harness, "one", "alone", 200))).Text;
        var sheddable = harness.Submit(Request(harness, "one", "project", 200) with { Terms = new("project", 10) });
        await harness.WaitUntilAsync(load => load.CacheTokens > 60);
        var urgent = harness.Submit(Request(harness, null, "project") with { Terms = new("project", -10) });
        (await EngineHarness.ReadAsync(urgent)).End.ShouldBeOfType<GenerationEvent.Finished>().CachedTokens.ShouldBe(0);
        (await EngineHarness.ReadAsync(sheddable)).Text.ShouldBe(alone);
    }

    [Fact]
    public async Task An_adapter_in_use_is_not_freed_and_takes_nobody_while_it_leaves()
    {
        await using var harness = Harness();
        await AddAsync(harness, "one", new LoraAdapterOptions { Seed = 1 });
        var alone = (await harness.RunAsync(Request(harness, "one", "alone", 300))).Text;
        var running = harness.Submit(Request(harness, "one", "project", 300));
        (await harness.Engine.RemoveAdapterAsync("one", TimeSpan.Zero)).ShouldBeFalse();

        var leaving = harness.Engine.RemoveAdapterAsync("one", TimeSpan.FromMinutes(1));
        harness.Engine.Submit(Request(harness, "one")).ShouldBeOfType<Submission.AdapterLeaving>("it may stay");
        (await harness.Engine.RemoveAdapterAsync("one", TimeSpan.FromMinutes(1))).ShouldBeFalse("it is leaving already");
        leaving.IsCompleted.ShouldBeFalse();
        (await EngineHarness.ReadAsync(running)).Text.ShouldBe(alone);
        (await leaving).ShouldBeTrue();
        harness.Engine.Submit(Request(harness, "one")).ShouldBeOfType<Submission.UnknownAdapter>();
        (await harness.RunAsync(Request(harness, null))).Text.ShouldNotBe(alone);
    }

    [Fact]
    public async Task One_that_could_not_leave_in_time_stays_and_answers()
    {
        await using var harness = Harness();
        await AddAsync(harness, "one", new LoraAdapterOptions { Seed = 1 });
        var running = harness.Submit(Request(harness, "one", "project", 300));
        (await harness.Engine.RemoveAdapterAsync("one", TimeSpan.FromMilliseconds(1))).ShouldBeFalse();
        (await harness.RunAsync(Request(harness, "one"))).End.CompletionTokens.ShouldBe(24);
        running.Cancel();
    }

    [Fact]
    public async Task A_long_prompt_and_many_answers_of_one_adapter_do_not_keep_the_others_waiting()
    {
        await using var harness = Harness(contextLength: 2048);
        await AddAsync(harness, "one", new LoraAdapterOptions { Seed = 1 });
        await AddAsync(harness, "two", new LoraAdapterOptions { Seed = 2 });
        var busy = Enumerable.Range(0, 2).Select(index => harness.Submit(Request(harness, "one", $"busy {index}", 1900))).ToList();
        await harness.WaitUntilAsync(load => load.Running == 2);
        // Ten short answers each of others, one after another, end while those go on.
        for (var index = 0; index < 10; index++)
        {
            await harness.RunAsync(Request(harness, index % 2 == 0 ? null : "two", $"{index}", 4));
        }

        harness.Engine.Load.Running.ShouldBeGreaterThanOrEqualTo(2);
        busy.ForEach(generation => generation.Cancel());
    }

    [Fact]
    public async Task The_engine_says_whose_requests_run_and_wait_and_holds_no_more_than_its_limit()
    {
        await using var harness = Harness(slots: 1, shape => shape with { Adapters = 2 });
        await AddAsync(harness, "one", new LoraAdapterOptions { Seed = 1 });
        await AddAsync(harness, "two", new LoraAdapterOptions { Seed = 2 });
        (await Should.ThrowAsync<LlamaException>(AddAsync(harness, "two", new LoraAdapterOptions()))).Message.ShouldContain("already");
        (await Should.ThrowAsync<LlamaException>(AddAsync(harness, "three", new LoraAdapterOptions()))).Message.ShouldContain("Engine:Adapters");
        var running = harness.Submit(Request(harness, "one", null, 400));
        var waiting = harness.Submit(Request(harness, "two"));
        await harness.WaitUntilAsync(load => load.Running == 1);
        var load = harness.Engine.Adapters;
        (load.Most, string.Join(',', load.Running), string.Join(',', load.Waiting)).ShouldBe((2, "one", "two"));
        running.Cancel();
        await EngineHarness.ReadAsync(waiting);
        await harness.WaitUntilAsync(_ => harness.Engine.Adapters is { Running.Count: 0, Waiting.Count: 0 });
    }

    [Fact]
    public async Task A_slow_disk_holds_up_neither_who_loads_an_adapter_nor_the_answers()
    {
        await using var harness = Harness();
        var pipe = Path.Combine(Path.GetTempPath(), $"aifactory-slow-{Guid.CreateVersion7():N}");
        using (var made = Process.Start("mkfifo", pipe))
        {
            await made.WaitForExitAsync(Token);
        }

        try
        {
            // Nobody writes: who opens it waits.
            var begun = Task.Factory.StartNew(() => harness.Engine.AddAdapterAsync("slow", [models.Endless], pipe), Token, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            var adding = await begun.WaitAsync(TimeSpan.FromSeconds(30), Token);
            (await harness.RunAsync(Request(harness, null))).End.CompletionTokens.ShouldBe(24);
            adding.IsCompleted.ShouldBeFalse();
            // It is opened and has nothing in it. Written to it would break, where who reads has seen by then that it is no file.
            using (File.OpenHandle(pipe, FileMode.Open, FileAccess.Write))
            {
            }

            await Should.ThrowAsync<Exception>(adding);
            harness.Engine.Submit(Request(harness, "slow")).ShouldBeOfType<Submission.UnknownAdapter>();
        }
        finally
        {
            File.Delete(pipe);
        }
    }

    [Fact]
    public async Task An_engine_that_stops_ends_those_who_wait_for_an_adapter()
    {
        var harness = Harness();
        await harness.DisposeAsync();
        await Should.ThrowAsync<EngineStoppedException>(harness.Engine.AddAdapterAsync("one", [models.Endless], models.WriteAdapter("late.gguf", new LoraAdapterOptions())));
    }

    [Fact]
    public async Task The_memory_of_an_adapter_that_came_while_its_model_went_is_given_back()
    {
        await using var harness = Harness();
        var budget = new MemoryBudget(Options.Create(new EngineOptions { MemoryLimit = 1 << 30 }));
        var served = new ServedAdapters(harness.Engine, [models.Endless], budget, 256);
        var file = new WeightsLease.File(models.WriteAdapter($"{Guid.CreateVersion7():N}.gguf", new LoraAdapterOptions()), "", 1, new MemoryStream());
        served.Dispose();
        await served.AddAsync(new DeployedAdapter("one", "one.gguf", file, DateTimeOffset.UnixEpoch));
        budget.Reserve(budget.Total, () => "all of it").Dispose();
    }

    /// <summary>A prompt is computed in one piece, whoever answers beside it: other pieces round otherwise.</summary>
    private EngineHarness Harness(int slots = 4, Func<EngineShape, EngineShape>? shape = null, int contextLength = 512) =>
        new(models.Endless, contextLength, slots, batchSize: 256, shape: size => (shape ?? (same => same))(size with { Adapters = 8, PrefillTokens = 256 }));

    private Task AddAsync(EngineHarness harness, string name, LoraAdapterOptions options) =>
        harness.Engine.AddAdapterAsync(name, [models.Endless], models.WriteAdapter($"{Guid.CreateVersion7():N}.gguf", options));

    private static GenerationRequest Request(EngineHarness harness, string? adapter, string? tenant = null, int maxTokens = 24) =>
        harness.Request(Prompt, maxTokens) with { Adapter = adapter, Tenant = tenant };
}
