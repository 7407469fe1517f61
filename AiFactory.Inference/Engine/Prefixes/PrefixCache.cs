using AiFactory.Inference.Native;

namespace AiFactory.Inference.Engine.Prefixes;

/// <summary>
/// What the slots' caches hold, and so where a prompt may start: behind the longest beginning that some slot has computed, for a request that runs or has ended.
/// Only the engine's thread touches it.
/// </summary>
/// <remarks>
/// The slots are few, and a prompt differs early from most of what they hold, so they are compared as they are, token by token. An index of hashes would find the same and would
/// have to be checked.
/// </remarks>
/// <param name="keepsParts">Whether a sequence can be cut: not where its state is one for all tokens, as Mamba has it. Then only what is a prompt's beginning as a whole is used, and waiting for another is of no use.</param>
internal sealed class PrefixCache(LlamaContext context, int slots, bool keepsParts)
{
    /// <summary>Fewer tokens than this are computed sooner than they are copied from another slot, or waited for.</summary>
    private const int Worthwhile = 32;

    private readonly SlotTokens[] _slots = [.. Enumerable.Range(0, slots).Select(slot => new SlotTokens(slot))];
    private long _uses;

    public SlotTokens this[int slot] => _slots[slot];

    /// <summary>
    /// The free slot for a request. 1. Beside those that are taken: llama.cpp computes sequences of consecutive ids at once, others one after the other. 2. One that holds
    /// the prompt's beginning, and not much else that would be lost. 3. An empty one. 4. The one that was used longest ago.
    /// </summary>
    public int Choose(GenerationRequest request, Func<int, bool> isTaken) => _slots // Never null: it is asked only while a slot is free.
        .Where(slot => !isTaken(slot.Slot))
        .MaxBy(slot => (IsBeside(slot.Slot, isTaken), Shared(slot, request) is var shared && shared * 2 > slot.Count ? shared : 0, slot.Count == 0, -slot.LastUse))!.Slot;

    /// <summary>
    /// Starts a sequence behind the longest beginning of its prompt that any slot holds; or leaves it waiting while another computes more of it: of many cold requests
    /// that begin alike one computes the beginning, and the others copy it. What its slot held for others moves to a free slot of less use.
    /// </summary>
    /// <returns>Slots whose cells are copied for it before the next batch, each of them the whole stream.</returns>
    public int TryBegin(Sequence sequence, IReadOnlyCollection<Sequence> active)
    {
        var request = sequence.Generation.Request;
        var own = _slots[sequence.Slot];
        var (source, length) = (own, Shared(own, request));
        if (_slots.MaxBy(slot => Shared(slot, request)) is { } other && Shared(other, request) >= length + Worthwhile)
        {
            (source, length) = (other, Shared(other, request));
        }

        if (active.Any(other => IsComputing(other, request, length + Worthwhile)))
        {
            return 0;
        }

        var copies = Save(own, request, source, active) + (source == own ? 0 : 1);
        context.CopySequence(source.Slot, own.Slot);
        own.Begin(source, length, request.Tenant);
        if (!context.TrimSequence(own.Slot, length))
        {
            Forget(own.Slot);
        }

        MarkUsed(source.Slot);
        sequence.Begin();
        return copies;
    }

    /// <summary>What the slot holds stays, for a prompt that begins alike.</summary>
    public void MarkUsed(int slot) => _slots[slot].LastUse = ++_uses;

    public void Forget(int slot)
    {
        context.RemoveSequence(slot);
        _slots[slot].Clear();
    }

    private int Save(SlotTokens slot, GenerationRequest request, SlotTokens source, IReadOnlyCollection<Sequence> active)
    {
        if (slot.Count < Worthwhile || Shared(slot, request) * 2 > slot.Count)
        {
            return 0;
        }

        var spare = _slots.Where(other => other != slot && other != source && other.LastUse < slot.LastUse && active.All(sequence => sequence.Slot != other.Slot)).MinBy(other => other.LastUse);
        if (spare is null)
        {
            return 0;
        }

        context.CopySequence(slot.Slot, spare.Slot);
        spare.Begin(slot, slot.Count, slot.Tenant);
        spare.LastUse = slot.LastUse;
        return 1;
    }

    /// <summary>The prompt's last token is always computed: its logits choose the first of the answer.</summary>
    private int Shared(SlotTokens slot, GenerationRequest request) =>
        slot.SharedWith(request.Prompt.AsSpan(..^1), request.Tenant) is var shared && (keepsParts || shared == slot.Count) ? shared : 0;

    private bool IsComputing(Sequence other, GenerationRequest request, int length) =>
        keepsParts && other.HasBegun && other.IsPrefilling && other.Generation.Request.Tenant == request.Tenant
        && other.Generation.Request.Prompt.AsSpan().CommonPrefixLength(request.Prompt.AsSpan(..^1)) >= length;

    private bool IsBeside(int slot, Func<int, bool> isTaken) => (slot > 0 && isTaken(slot - 1)) || (slot + 1 < _slots.Length && isTaken(slot + 1));
}
