using System.Numerics.Tensors;
using AiFactory.Inference.Engine.Prefixes;
using AiFactory.Inference.Native;
using Microsoft.Extensions.Logging.Abstractions;

namespace AiFactory.Inference.Tests.Engine.Prefixes;

public sealed class PrefixStoreTests : IDisposable
{
    private readonly LlamaModel _model;
    private readonly LlamaContext _context;
    private readonly LlamaBatchBuffer _batch = new(64);

    public PrefixStoreTests(GeneratedModels models)
    {
        LlamaRuntime.Load(NullLogger.Instance);
        _model = LlamaModel.Open(models.Endless);
        _context = LlamaContext.Open(_model, new LlamaContextOptions(4 * 128, 64, 64, 4, Threads: 1, Poll: 0, Embeddings: false, UnifiedCache: false));
    }

    public void Dispose()
    {
        _context.Dispose();
        _model.Dispose();
    }

    [Fact]
    public void A_sequence_that_was_saved_goes_on_alike_in_another_slot()
    {
        Compute(0, Tokens(40, seed: 1));
        using var state = _context.Save(0).ShouldNotBeNull();
        var expected = Continue(0, 40);
        Compute(2, Tokens(60, seed: 2));

        _context.Restore(state, 2).ShouldBeTrue();

        Continue(2, 40).ShouldBe(expected);
        _context.SizeOf(2).ShouldBe(_context.SizeOf(0));
    }

    [Fact]
    public void What_was_not_used_for_the_longest_time_makes_room()
    {
        using var store = Store(entries: 2);
        var (first, second, third) = (Fill(0, 1), Fill(1, 2), Fill(2, 3));
        Keep(store, first);
        Keep(store, second);
        store.Find(Tokens(40, 1), null, out _).ShouldNotBeNull();
        store.Restore(store.Find(Tokens(40, 1), null, out _).ShouldNotBeNull(), 3).ShouldBeTrue();
        Keep(store, third);

        store.Count.ShouldBe(2);
        store.Find(Tokens(40, 2), null, out var length).ShouldBeNull();
        length.ShouldBe(0);
        store.Find(Tokens(40, 1), null, out length).ShouldNotBeNull();
        length.ShouldBe(40);
    }

    [Fact]
    public void It_never_takes_more_than_its_limit_and_refuses_what_alone_is_too_large()
    {
        using var store = Store(entries: 3);
        for (var seed = 0; seed < 10; seed++)
        {
            Keep(store, Fill(seed % 4, seed));
            store.Bytes.ShouldBeLessThanOrEqualTo(3 * Size);
        }

        using var small = new PrefixStore(_context, 100, keepsParts: true);
        small.Keep(Fill(0, 1), out _).ShouldBeNull();
        small.Bytes.ShouldBe(0);
    }

    [Fact]
    public void One_that_goes_on_from_another_takes_its_place_and_what_is_there_is_not_copied_again()
    {
        using var store = Store(entries: 8);
        var slot = Fill(0, 1, tokens: 30);
        Keep(store, slot);
        slot = Fill(0, 1, tokens: 40);
        Keep(store, slot);

        store.Count.ShouldBe(1);
        store.Keep(slot, out var isCopied).ShouldNotBeNull();
        isCopied.ShouldBeFalse();
        store.Keep(Fill(1, 1, tokens: 20), out isCopied).ShouldNotBeNull();
        isCopied.ShouldBeFalse();
    }

    [Fact]
    public void What_a_request_will_go_on_from_stays_and_what_has_no_room_beside_it_is_not_stored()
    {
        using var store = Store(entries: 2);
        var pinned = store.Keep(Fill(0, 1), out _).ShouldNotBeNull();
        pinned.Pins++;
        for (var seed = 2; seed < 6; seed++)
        {
            Keep(store, Fill(1, seed));
        }

        store.Find(Tokens(40, 1), null, out var length).ShouldBe(pinned);
        length.ShouldBe(40);
        var second = store.Keep(Fill(2, 7), out _).ShouldNotBeNull();
        second.Pins++;
        store.Fits(2).ShouldBeFalse();
        store.Keep(Fill(1, 8), out _).ShouldBeNull();
        (store.Count, store.Bytes).ShouldBe((2, 2 * Size));
        pinned.Pins--;
        Keep(store, Fill(1, 8));
        store.Find(Tokens(40, 1), null, out _).ShouldBeNull();
    }

    [Fact]
    public void Memory_that_is_not_to_be_had_is_no_reason_to_end() => SequenceState.TryAllocate(nuint.MaxValue / 4).ShouldBeNull();

    [Fact]
    public void Tenants_find_their_own_only()
    {
        using var store = Store(entries: 8);
        Keep(store, Fill(0, 1, tenant: "one"));
        store.Find(Tokens(40, 1), "two", out _).ShouldBeNull();
        store.Find(Tokens(40, 1), null, out _).ShouldBeNull();
        store.Find(Tokens(40, 1), "one", out _).ShouldNotBeNull();
    }

    [Fact]
    public void Where_a_sequence_cannot_be_cut_only_a_whole_beginning_is_found()
    {
        using var store = new PrefixStore(_context, 8 * Size, keepsParts: false);
        Keep(store, Fill(0, 1));
        store.Find([.. Tokens(40, 1)[..39], 7], null, out _).ShouldBeNull();
        store.Find([.. Tokens(40, 1), 7], null, out var length).ShouldNotBeNull();
        length.ShouldBe(40);
    }

    private long Size
    {
        get
        {
            Compute(3, Tokens(40, 99));
            return _context.SizeOf(3);
        }
    }

    private PrefixStore Store(int entries) => new(_context, entries * Size, keepsParts: true);

    private static void Keep(PrefixStore store, SlotTokens slot) => store.Keep(slot, out _).ShouldNotBeNull();

    private static int[] Tokens(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(10, 60))];
    }

    private SlotTokens Fill(int slot, int seed, int tokens = 40, string? tenant = null)
    {
        var filled = new SlotTokens(slot);
        filled.Take(Tokens(tokens, seed), tenant);
        Compute(slot, Tokens(tokens, seed));
        return filled;
    }

    private void Compute(int slot, int[] tokens)
    {
        _context.RemoveSequence(slot);
        _batch.Clear();
        for (var i = 0; i < tokens.Length; i++)
        {
            _batch.Add(tokens[i], i, slot, output: i == tokens.Length - 1);
        }

        _context.Decode(_batch).ShouldBe(LlamaDecodeResult.Done);
    }

    private List<int> Continue(int slot, int position)
    {
        var (said, next) = (new List<int>(), 11);
        for (var i = 0; i < 20; i++)
        {
            _batch.Clear();
            var index = _batch.Add(next, position + i, slot, output: true);
            _context.Decode(_batch).ShouldBe(LlamaDecodeResult.Done);
            said.Add(next = TensorPrimitives.IndexOfMax(LlamaLogits.Of(_context, _batch, index, _model.VocabularySize)));
        }

        return said;
    }
}
