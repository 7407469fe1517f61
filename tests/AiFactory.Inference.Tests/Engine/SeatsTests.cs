using AiFactory.Inference.Engine;
using AiFactory.Inference.Engine.Adapters;
using AiFactory.Inference.Engine.Admission;
using AiFactory.Inference.Engine.Prefixes;
using AiFactory.Inference.Native;
using AiFactory.Inference.Telemetry;
using AiFactory.ModelGenerator.Models;
using AiFactory.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace AiFactory.Inference.Tests.Engine;

public sealed class SeatsTests : IDisposable
{
    private readonly LlamaModel _model;
    private readonly LlamaContext _context;
    private readonly PrefixStore _store;
    private readonly PrefixCache _prefixes;
    private readonly Seats _seats;
    private readonly LlamaBatchBuffer _batch = new(64);
    private readonly ManualTimeProvider _time = new();
    private readonly PrefillPacer _pacer = new(0, TimeSpan.FromSeconds(1), 64);
    private readonly EngineAdapter _one;
    private readonly EngineAdapter _two;
    private long _number;

    public SeatsTests(GeneratedModels models)
    {
        LlamaRuntime.Load(NullLogger.Instance);
        _model = LlamaModel.Open(models.Endless);
        _context = LlamaContext.Open(_model, new LlamaContextOptions(8 * 128, 64, 64, 8, Threads: 1, Poll: 0, Embeddings: false, UnifiedCache: false));
        _store = new PrefixStore(_context, 1 << 20, keepsParts: true);
        _prefixes = new PrefixCache(_context, 8, _store, keepsParts: true);
        _seats = new Seats(_prefixes, 8, TimeSpan.FromSeconds(5), _time);
        _one = new EngineAdapter("one", 1, LlamaAdapter.Open(_model, models.WriteAdapter($"{Guid.CreateVersion7():N}.gguf", new LoraAdapterOptions())));
        _two = new EngineAdapter("two", 2, LlamaAdapter.Open(_model, models.WriteAdapter($"{Guid.CreateVersion7():N}.gguf", new LoraAdapterOptions())));
    }

    public void Dispose()
    {
        _one.Weights.Dispose();
        _two.Weights.Dispose();
        _store.Dispose();
        _context.Dispose();
        _model.Dispose();
    }

    [Fact]
    public void Sequences_that_lie_apart_are_moved_together()
    {
        var sequences = Enumerable.Range(0, 7).Select(number => Seat(number)).ToList();
        Slots().ShouldBe([0, 1, 2, 3, 4, 5, 6]);
        foreach (var ended in new[] { 1, 2, 5 })
        {
            _seats.Leave(sequences[ended]);
            _seats.Active.Remove(sequences[ended]);
        }

        var tokens = Tokens();
        _seats.Close();
        Slots().ShouldBe([0, 3, 4, 6]);
        for (var i = 0; i < 100; i++)
        {
            _seats.Close();
        }

        var slots = Slots();
        slots.ShouldBe(Enumerable.Range(slots[0], 4));
        Tokens().ShouldBe(tokens, ignoreOrder: true);
        _seats.Taken.ShouldBe(4);

        // They compute where they are now, and new ones find the slots that are free.
        BatchPlanner.Fill(_batch, _seats.Active, _pacer);
        _context.Decode(_batch).ShouldBe(LlamaDecodeResult.Done);
        Seat(100);
        Slots().Distinct().Count().ShouldBe(5);
    }

    [Fact]
    public void Those_of_one_adapter_are_seated_beside_each_other()
    {
        foreach (var adapter in (EngineAdapter?[])[_one, _two, _one, _two, null, _one])
        {
            Seat(1, adapter: adapter);
        }

        string.Concat(_seats.Active.Select(sequence => sequence.Adapter is { } adapter ? adapter == _one ? "1" : "2" : "0")).ShouldBe("111022");
        Where(_one).ShouldBe([0, 1, 2]);
        Where(_two).ShouldBe([6, 7]);
    }

    [Fact]
    public void Those_of_one_adapter_that_lie_apart_are_moved_together_past_those_of_others()
    {
        // Four of one from the left and four of the other from the right; then of both others come and go, until they are mixed.
        var ones = Enumerable.Range(0, 4).Select(number => Seat(number, tokens: 6, adapter: _one)).ToList();
        var twos = Enumerable.Range(0, 4).Select(number => Seat(number, tokens: 12, adapter: _two)).ToList();
        Slots().ShouldBe(Enumerable.Range(0, 8));
        End(ones[1]);
        Seat(4, tokens: 20, adapter: _two).Slot.ShouldBe(1);
        End(ones[2]);
        End(twos[3]);
        Where(_one).ShouldBe([0, 3]);
        Where(_two).ShouldBe([1, 5, 6, 7]);
        var tokens = Tokens();
        for (var i = 0; i < 100; i++)
        {
            _seats.Close();
        }

        Where(_two).ShouldBe([4, 5, 6, 7]);
        Where(_one).ShouldBe(Enumerable.Range(Where(_one)[0], 2));
        Tokens().ShouldBe(tokens, ignoreOrder: true);

        void End(Sequence sequence)
        {
            _seats.Leave(sequence);
            _seats.Active.Remove(sequence);
        }
    }

    [Fact]
    public void Whoever_comes_back_is_given_no_token_before_it_is_computed()
    {
        // In its slot but not begun, for copies take their turns, it was given one by the logits of the step before it left: another's, or none, which ended the engine.
        var sequence = Seat(1);
        sequence.OutputIndex.ShouldBeGreaterThanOrEqualTo(0);
        _seats.SendOut(sequence);
        _seats.Seat(sequence);
        sequence.OutputIndex.ShouldBe(-1);
    }

    [Fact]
    public void Whoever_leaves_is_stored()
    {
        var sequence = Seat(1, tokens: 40);
        _store.Count.ShouldBe(0);
        _seats.SendOut(sequence);
        _store.Count.ShouldBe(1);
    }

    [Fact]
    public void Whoever_came_back_stays_until_it_has_said_something()
    {
        // A prompt that takes longer than the interval was computed from its beginning again and again.
        var sequence = Seat(1);
        _seats.Victim().ShouldBe(sequence);
        _seats.SendOut(sequence);
        _seats.Seat(sequence);
        _time.Advance(TimeSpan.FromMinutes(1));
        _seats.Victim().ShouldBeNull();

        _prefixes.TryBegin(sequence, _seats.Active);
        _batch.Clear();
        sequence.AddTo(_batch, sequence.PromptRemaining);
        _context.Decode(_batch).ShouldBe(LlamaDecodeResult.Done);
        sequence.Advance(_context, _batch).ShouldBeNull();
        _seats.Victim().ShouldBe(sequence);
    }

    /// <summary>It would be computed from its beginning again.</summary>
    [Theory]
    [InlineData(0, false)]
    [InlineData(1 << 24, true)]
    public void A_prompt_that_is_being_computed_leaves_its_slot_only_when_what_is_computed_can_be_stored(long storeBytes, bool leaves)
    {
        using var store = new PrefixStore(_context, storeBytes, keepsParts: true);
        var prefixes = new PrefixCache(_context, 8, store, keepsParts: true);
        var seats = new Seats(prefixes, 8, TimeSpan.FromSeconds(5), _time);
        var generation = new Generation(new GenerationRequest([.. Enumerable.Repeat(11, 60)], 8, EngineHarness.Greedy, []), _time, () => { }) { Estimate = 100 };
        var sequence = new Sequence(_model, generation) { Number = 1 };
        seats.Seat(sequence);
        prefixes.TryBegin(sequence, seats.Active);
        _batch.Clear();
        sequence.AddTo(_batch, 40);
        _context.Decode(_batch).ShouldBe(LlamaDecodeResult.Done);

        (seats.Victim() is not null).ShouldBe(leaves);
        seats.Victim(above: 0).ShouldBeNull();
    }

    [Fact]
    public void What_is_stored_of_who_is_out_stays_until_it_goes_on()
    {
        var sequence = Seat(1, tokens: 40);
        _seats.SendOut(sequence);
        var stored = _store.Find(sequence.Input, null, out _).ShouldNotBeNull();
        stored.Pins.ShouldBe(1);

        _seats.Seat(sequence);
        stored.Pins.ShouldBe(1);
        _prefixes.TryBegin(sequence, _seats.Active);
        stored.Pins.ShouldBe(0);
    }

    [Fact]
    public void Whoever_is_to_be_computed_whole_comes_back_to_what_it_computed_itself()
    {
        // It went on behind the longer beginning of another, or of what another had stored, and said that nothing was cached.
        int[] prompt = [.. Enumerable.Range(0, 120).Select(index => 10 + (index % 40))];
        var other = Seat(prompt[..50], readsCache: true);
        _seats.SendOut(other);
        var whole = Seat(prompt, readsCache: false, tokens: 40);
        _seats.SendOut(whole);
        var longer = Seat(prompt[..110], readsCache: true, tokens: 60);

        _seats.Seat(whole);
        _prefixes.TryBegin(whole, _seats.Active);

        (whole.Position, whole.CachedTokens, longer.CachedTokens).ShouldBe((40, 0, 50));

        Sequence Seat(int[] input, bool readsCache, int? tokens = null)
        {
            var generation = new Generation(new GenerationRequest(input, 8, EngineHarness.Greedy, []) { ReadsCache = readsCache }, _time, () => { }) { Estimate = 1 };
            var sequence = new Sequence(_model, generation) { Number = _number++ };
            _seats.Seat(sequence);
            _prefixes.TryBegin(sequence, _seats.Active);
            _batch.Clear();
            sequence.AddTo(_batch, Math.Min(tokens ?? input.Length, sequence.PromptRemaining));
            _context.Decode(_batch).ShouldBe(LlamaDecodeResult.Done);
            return sequence;
        }
    }

    [Fact]
    public void Whoever_leaves_before_it_starts_costs_its_project_nothing()
    {
        var queue = new AdmissionQueue<Generation>(16, TimeSpan.FromSeconds(5), TimeSpan.FromHours(1), _time);
        using var telemetry = new InferenceTelemetry();
        using var ended = new Counts(telemetry.Requests);
        var seats = new Seats(new PrefixCache(_context, 1, _store, keepsParts: true), 1, TimeSpan.FromSeconds(5), _time);
        var admitter = new Admitter(_model, queue, new Lock(), seats, new ModelMetrics(telemetry, "test"), NullLogger.Instance);
        Wait("a").Cancel();
        var (first, second) = (Wait("a"), Wait("b"));

        admitter.Admit();

        seats.Active.Single().Generation.ShouldBe(first);
        second.Timings.Total.ShouldBeNull();
        ended.Total.ShouldBe(1);

        Generation Wait(string project)
        {
            var terms = new RequestTerms(project);
            var generation = new Generation(new GenerationRequest([10, 11], 8, EngineHarness.Greedy, []) { Terms = terms }, _time, () => { }) { Estimate = 1000 };
            queue.TryAdd(generation, terms, generation.Estimate, free: 0).ShouldBeTrue();
            return generation;
        }
    }

    [Fact]
    public void Whoever_waited_long_enough_for_a_turn_has_one()
    {
        // The more urgent one took the slot back before the first step.
        var queue = new AdmissionQueue<Generation>(16, TimeSpan.FromSeconds(5), TimeSpan.FromHours(1), _time);
        using var telemetry = new InferenceTelemetry();
        var seats = new Seats(new PrefixCache(_context, 1, _store, keepsParts: true), 1, TimeSpan.FromSeconds(5), _time);
        var admitter = new Admitter(_model, queue, new Lock(), seats, new ModelMetrics(telemetry, "test"), NullLogger.Instance);
        Wait("batch", 10);
        _time.Advance(TimeSpan.FromSeconds(51));
        Wait("urgent", 0);

        admitter.Admit();
        seats.Active.Single().Priority.ShouldBe(10);
        _time.Advance(TimeSpan.FromSeconds(4));
        admitter.Admit();
        seats.Active.Single().Priority.ShouldBe(10);
        _time.Advance(TimeSpan.FromSeconds(1));
        admitter.Admit();
        seats.Active.Single().Priority.ShouldBe(0);

        void Wait(string project, int priority) => queue.TryAdd(Generate([10, 11, 12], priority), new RequestTerms(project, priority), 1, free: 0).ShouldBeTrue();

        Generation Generate(int[] prompt, int priority) =>
            new(new GenerationRequest(prompt, 8, EngineHarness.Greedy, []) { Terms = new RequestTerms("", priority) }, _time, () => { }) { Estimate = 1 };
    }

    private List<int> Where(EngineAdapter adapter) => [.. _seats.Active.Where(sequence => sequence.Adapter == adapter).Select(sequence => sequence.Slot)];

    private List<int> Slots() => [.. _seats.Active.Select(sequence => sequence.Slot)];

    private List<string> Tokens() => [.. _seats.Active.Select(sequence => string.Join(' ', _prefixes[sequence.Slot].Tokens.ToArray()))];

    private Sequence Seat(int number, int? tokens = null, EngineAdapter? adapter = null)
    {
        int[] prompt = [.. Enumerable.Range(0, tokens ?? 6 + (number % 7)).Select(index => 10 + ((index + number) % 40))];
        var generation = new Generation(new GenerationRequest(prompt, 8, EngineHarness.Greedy, []), TimeProvider.System, () => { }) { Estimate = 1, Adapter = adapter };
        var sequence = new Sequence(_model, generation) { Number = _number++ };
        _seats.Seat(sequence);
        _prefixes.TryBegin(sequence, _seats.Active);
        BatchPlanner.Fill(_batch, [sequence], _pacer, adapter);
        _context.Decode(_batch).ShouldBe(LlamaDecodeResult.Done);
        return sequence;
    }
}
