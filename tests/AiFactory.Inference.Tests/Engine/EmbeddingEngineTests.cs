using AiFactory.Inference.Engine;
using AiFactory.Inference.Engine.Admission;
using AiFactory.Inference.Native;
using AiFactory.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace AiFactory.Inference.Tests.Engine;

public sealed class EmbeddingEngineTests(GeneratedModels models)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_short_text_and_a_long_one_wait_for_a_batch_and_not_for_all_of_a_list()
    {
        using var model = Open();
        await using var engine = Engine(model, TimeProvider.System);
        // Two of these do not fit together.
        var list = Embed(engine, RequestTerms.None, [.. Enumerable.Repeat(Text(200), 4000)]);
        var other = Embed(engine, RequestTerms.None, [.. Enumerable.Repeat(Text(20), 4000)]);

        var single = await Embed(engine, RequestTerms.None, Text(10)).WaitAsync(Patience, Token);
        var whole = await Embed(engine, RequestTerms.None, Text(engine.ContextLength)).WaitAsync(Patience, Token);

        (Values(single).Length, Values(whole).Length).ShouldBe((1, 1));
        (list.IsCompleted, other.IsCompleted).ShouldBe((false, false));
        await engine.StopAsync(TimeSpan.Zero);
        (await list).ShouldBeOfType<EmbeddingOutcome.Stopped>();
        (await other).ShouldBeOfType<EmbeddingOutcome.Stopped>();
    }

    [Fact]
    public async Task Who_waits_past_the_deadline_is_told_so_and_nothing_is_computed_for_it()
    {
        using var clock = new EngineClock();
        using var model = Open();
        await using var engine = Engine(model, clock);
        var list = Embed(engine, new RequestTerms("a", Priority: -1), [.. Enumerable.Repeat(Text(engine.ContextLength), 3)]);
        var hurried = Embed(engine, new RequestTerms("a", Patience: TimeSpan.FromMilliseconds(100)), Text(5));
        var patient = Embed(engine, new RequestTerms("a", Patience: TimeSpan.FromMilliseconds(101)), Text(5));
        clock.Time.Advance(TimeSpan.FromMilliseconds(100));
        clock.Start(hurried);

        (await hurried.WaitAsync(Patience, Token)).ShouldBeOfType<EmbeddingOutcome.Expired>();
        Values(await patient.WaitAsync(Patience, Token)).Length.ShouldBe(1);
        Values(await list.WaitAsync(Patience, Token)).Length.ShouldBe(3);
    }

    [Fact]
    public async Task A_list_that_has_begun_is_past_its_deadline()
    {
        using var clock = new EngineClock { EachLook = TimeSpan.FromSeconds(1) };
        using var model = Open();
        await using var engine = Engine(model, clock);
        var list = Embed(engine, new RequestTerms("a", Patience: TimeSpan.FromSeconds(30)), [.. Enumerable.Repeat(Text(engine.ContextLength), 40)]);
        clock.Start(list);

        Values(await list.WaitAsync(Patience, Token)).Length.ShouldBe(40);
    }

    [Fact]
    public async Task The_urgent_text_is_first_and_a_project_that_asks_once_does_not_wait_for_all_of_another()
    {
        using var clock = new EngineClock();
        using var model = Open();
        await using var engine = Engine(model, clock);
        // Each fills a batch by itself.
        var many = Enumerable.Range(0, 5).Select(_ => Embed(engine, new RequestTerms("many"), Text(engine.ContextLength))).ToList();
        var one = Embed(engine, new RequestTerms("one"), Text(engine.ContextLength));
        var urgent = Embed(engine, new RequestTerms("many", Priority: -1), Text(engine.ContextLength));
        clock.Start([.. many, one, urgent]);
        await Task.WhenAll([.. many, one, urgent]).WaitAsync(Patience, Token);
        await engine.StopAsync(Patience);

        clock.Completed.ShouldBe([urgent, many[0], one, .. many[1..]]);
    }

    [Fact]
    public async Task A_list_of_one_project_shares_evenly_with_single_texts_of_another()
    {
        using var clock = new EngineClock();
        using var model = Open();
        await using var engine = Engine(model, clock);
        var list = Embed(engine, new RequestTerms("list"), [.. Enumerable.Repeat(Text(engine.ContextLength), 4)]);
        var singles = Enumerable.Range(0, 8).Select(_ => Embed(engine, new RequestTerms("singles"), Text(engine.ContextLength))).ToList();
        clock.Start([list, .. singles]);
        await Task.WhenAll([list, .. singles]).WaitAsync(Patience, Token);
        await engine.StopAsync(Patience);

        clock.Completed.ShouldBe([.. singles[..4], list, .. singles[4..]]);
    }

    [Fact]
    public async Task A_queue_that_is_full_says_how_long_its_tokens_take_at_the_measured_speed()
    {
        using var model = Open();
        await using var engine = Engine(model, TimeProvider.System, queueLimit: 2);
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var busy = engine.EmbedAsync([.. Enumerable.Repeat(Text(engine.ContextLength), 1000)], new RequestTerms("a", Priority: -1), leaving.Token);
        await Embed(engine, new RequestTerms("a", Priority: -2), Text(5)).WaitAsync(Patience, Token);
        // Two wait, and the list that is being computed does not, once it has its turn behind the single text.
        SpinWait.SpinUntil(() => engine.Load is { Running: 1, Waiting: 0 }, Patience).ShouldBeTrue();
        var waiting = Enumerable.Range(0, 2).Select(_ => engine.EmbedAsync([.. Enumerable.Repeat(Text(engine.ContextLength), 100_000)], RequestTerms.None, leaving.Token)).ToList();

        (await Embed(engine, RequestTerms.None, Text(5))).ShouldBeOfType<EmbeddingOutcome.QueueFull>().RetryAfter.ShouldBe(TimeSpan.FromMinutes(1));
        await leaving.CancelAsync();
        foreach (var left in waiting.Append(busy))
        {
            await Should.ThrowAsync<OperationCanceledException>(() => left.WaitAsync(Patience, Token));
        }
    }

    private LlamaModel Open()
    {
        LlamaRuntime.Load(NullLogger.Instance);
        return LlamaModel.Open(models.Embedding);
    }

    private static EmbeddingEngine Engine(LlamaModel model, TimeProvider time, int queueLimit = 16) =>
        new(model, new EngineShape(512, 4, 512, Threads: 1, Poll: 0, queueLimit), time, NullLogger.Instance);

    private static Task<EmbeddingOutcome> Embed(EmbeddingEngine engine, RequestTerms terms, params int[][] texts) => engine.EmbedAsync(texts, terms, CancellationToken.None);

    private static float[][] Values(EmbeddingOutcome outcome) => outcome.ShouldBeOfType<EmbeddingOutcome.Computed>().Values;

    private static int[] Text(int tokens) => [.. Enumerable.Range(0, tokens).Select(index => 10 + (index % 40))];

    /// <summary>The engine's thread asks it for the time before it looks into the queue, and after each batch: it begins when it may, and what is complete is noted in its order.</summary>
    private sealed class EngineClock : TimeProvider, IDisposable
    {
        private readonly ManualResetEventSlim _started = new();
        private List<Task> _watched = [];

        public ManualTimeProvider Time { get; } = new();

        /// <summary>How much later it is each time the engine looks.</summary>
        public TimeSpan EachLook { get; init; }

        public List<Task> Completed { get; } = [];

        public override long TimestampFrequency => Time.TimestampFrequency;

        public override long GetTimestamp()
        {
            if (Thread.CurrentThread.Name == "embedder")
            {
                _started.Wait(Patience);
                Time.Advance(EachLook);
                Completed.AddRange(_watched.Where(task => task.IsCompleted && !Completed.Contains(task)));
            }

            return Time.GetTimestamp();
        }

        public void Start(params Task[] watched)
        {
            _watched = [.. watched];
            _started.Set();
        }

        public void Dispose() => _started.Dispose();
    }
}
