using AiFactory.Inference.Engine;
using AiFactory.Inference.Engine.Prefixes;
using AiFactory.Inference.Native;
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
    private readonly PrefillPacer _pacer = new(0, TimeSpan.FromSeconds(1), 64);
    private long _number;

    public SeatsTests(GeneratedModels models)
    {
        LlamaRuntime.Load(NullLogger.Instance);
        _model = LlamaModel.Open(models.Endless);
        _context = LlamaContext.Open(_model, new LlamaContextOptions(8 * 128, 64, 64, 8, Threads: 1, Poll: 0, Embeddings: false, UnifiedCache: false));
        _store = new PrefixStore(_context, 1 << 20, keepsParts: true);
        _prefixes = new PrefixCache(_context, 8, _store, keepsParts: true);
        _seats = new Seats(_prefixes, 8, TimeSpan.FromSeconds(5), new ManualTimeProvider());
    }

    public void Dispose()
    {
        _store.Dispose();
        _context.Dispose();
        _model.Dispose();
    }

    [Fact]
    public void Sequences_that_lie_apart_are_moved_together()
    {
        var sequences = Enumerable.Range(0, 7).Select(Seat).ToList();
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

    private List<int> Slots() => [.. _seats.Active.Select(sequence => sequence.Slot)];

    private List<string> Tokens() => [.. _seats.Active.Select(sequence => string.Join(' ', _prefixes[sequence.Slot].Tokens.ToArray()))];

    private Sequence Seat(int number)
    {
        int[] prompt = [.. Enumerable.Range(0, 6 + (number % 7)).Select(index => 10 + ((index + number) % 40))];
        var generation = new Generation(new GenerationRequest(prompt, 8, EngineHarness.Greedy, []), TimeProvider.System, () => { }) { Estimate = 1 };
        var sequence = new Sequence(_model, generation) { Number = _number++ };
        _seats.Seat(sequence);
        _prefixes.TryBegin(sequence, _seats.Active);
        BatchPlanner.Fill(_batch, [sequence], _pacer);
        _context.Decode(_batch).ShouldBe(LlamaDecodeResult.Done);
        return sequence;
    }
}
