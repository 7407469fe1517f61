using AiFactory.Inference.Native;

namespace AiFactory.Inference.Engine.Prefixes;

/// <summary>
/// What the slots' caches and the store hold, and so where a prompt may start: behind the longest beginning that was computed, for a request that runs, has ended or had to leave its slot.
/// Only the engine's thread touches it.
/// </summary>
/// <remarks>
/// The slots are few, and a prompt differs early from most of what they hold, so they are compared as they are, token by token. An index of hashes would find the same and would
/// have to be checked.
/// </remarks>
/// <param name="keepsParts">Whether a sequence can be cut: not where its state is one for all tokens, as Mamba has it. Then only what is a prompt's beginning as a whole is used, and waiting for another is of no use.</param>
internal sealed class PrefixCache(LlamaContext context, int slots, PrefixStore store, bool keepsParts)
{
    /// <summary>Fewer tokens than this are computed sooner than they are copied, or waited for.</summary>
    private const int Worthwhile = 32;

    /// <summary>A copy takes all that its source holds, and of that so many tokens in the time of computing one: more than so many times what it saves is not copied.</summary>
    private const int CopiedPerComputed = 32;

    /// <summary>So many more tokens computed alone cost more than to lie apart from the others for some steps.</summary>
    private const int MuchLonger = 256;

    private readonly SlotTokens[] _slots = [.. Enumerable.Range(0, slots).Select(slot => new SlotTokens(slot))];
    private long _uses;

    public SlotTokens this[int slot] => _slots[slot];

    /// <summary>
    /// The free slot for a request. 0. One that holds hundreds of tokens more of the prompt's beginning. 1. Beside those of its adapter. 2. One that holds
    /// the prompt's beginning, and not much else that would be lost. 3. An empty one. 4. The one that was used longest ago.
    /// </summary>
    public SlotTokens Choose(Sequence sequence, SlotOrder order) => _slots // It is asked only while a slot is free.
        .Where(slot => order[slot.Slot] is null)
        .Select(slot => (Slot: slot, Shared: Shared(slot, sequence) is var shared && shared * 2 > slot.Count ? shared : 0))
        .MaxBy(free => (free.Shared / MuchLonger, order.Suits(free.Slot.Slot, sequence.Adapter), free.Shared, free.Slot.Count == 0, -free.Slot.LastUse)).Slot;

    /// <summary>
    /// Starts a sequence behind the longest beginning of its prompt that a slot or the store holds; or leaves it waiting while another computes more of it: of many cold requests
    /// that begin alike one computes the beginning, and the others copy it. What its slot held for others goes to the store.
    /// </summary>
    /// <returns>Copies that were made for it.</returns>
    public int TryBegin(Sequence sequence, List<Sequence> active)
    {
        var own = _slots[sequence.Slot];
        var ownLength = Shared(own, sequence);
        var (source, length) = (own, ownLength);
        foreach (var other in _slots)
        {
            // Of two that share as much the shorter: it is copied whole.
            if (other != own && Shared(other, sequence) is var shared && shared >= ownLength + Worthwhile && other.Count <= (shared - ownLength) * CopiedPerComputed
                && (shared > length || (shared == length && other.Count < source.Count)))
            {
                (source, length) = (other, shared);
            }
        }

        // Who is to be computed whole, and had to leave its slot, goes on from what it computed itself.
        var storedLength = sequence.Stored?.Tokens.Length ?? 0;
        var stored = sequence.ReadsCache ? store.Find(sequence.Input.AsSpan(..^1), sequence.Tenant, out storedLength) : sequence.Stored;
        if (stored is not null && storedLength < length + Worthwhile)
        {
            stored = null;
        }

        length = stored is null ? length : storedLength;
        if (IsBeingComputed(sequence, active, length + Worthwhile))
        {
            return 0;
        }

        // What the slot holds for others goes to the store, where what this request begins with stays meanwhile.
        var copies = 0;
        if (stored is not null)
        {
            stored.Pins++;
        }

        if (own.Count >= Worthwhile && ownLength * 2 <= own.Count)
        {
            store.Keep(own, out var isCopied);
            copies += isCopied ? 1 : 0;
        }

        if (stored is not null)
        {
            stored.Pins--;
        }

        copies += Fill(own, source, stored, length, sequence.Tenant);
        sequence.Unpin();

        if (!context.TrimSequence(own.Slot, own.Count))
        {
            Forget(own.Slot);
        }

        MarkUsed(source.Slot);
        sequence.Begin();
        return copies;
    }

    /// <summary>What the slot holds stays, for a prompt that begins alike.</summary>
    public void MarkUsed(int slot) => _slots[slot].LastUse = ++_uses;

    /// <summary>Stores what a slot holds.</summary>
    /// <param name="isOwn">Whether it is to be the slot's own state, and not what others computed of the same tokens.</param>
    /// <returns>What is stored, for a request that leaves the slot and will come back to pin; null where it is not worth it, or has no room.</returns>
    public StoredPrefix? Store(int slot, bool isOwn = false) => _slots[slot].Count >= Worthwhile ? store.Keep(_slots[slot], out _, isOwn) : null;

    /// <summary>Whether what a slot holds would not be lost when its request left it.</summary>
    public bool CanStore(int slot) => _slots[slot].Count < Worthwhile || store.Fits(slot);

    /// <summary>Moves what a slot holds to a free one; what that held goes to the store.</summary>
    /// <returns>False when it could not be moved: then it is where it was.</returns>
    public bool Move(int from, int to)
    {
        using var state = context.Save(from);
        if (state is null)
        {
            return false;
        }

        Store(to);
        if (!context.Restore(state, to))
        {
            Forget(to);
            return false;
        }

        _slots[to].Take(_slots[from].Tokens, _slots[from].Tenant);
        MarkUsed(to);
        Forget(from);
        return true;
    }

    public void Forget(int slot)
    {
        context.RemoveSequence(slot);
        _slots[slot].Clear();
    }

    private int Fill(SlotTokens own, SlotTokens source, StoredPrefix? stored, int length, string? tenant)
    {
        if (stored is not null)
        {
            own.Take(store.Restore(stored, own.Slot) ? stored.Tokens.AsSpan(..length) : [], tenant);
            return 1;
        }

        if (source == own)
        {
            own.Keep(length, tenant);
            return 0;
        }

        using var state = context.Save(source.Slot);
        own.Take(state is not null && context.Restore(state, own.Slot) ? source.Tokens[..length] : [], tenant);
        return 1;
    }

    /// <summary>The prompt's last token is always computed: its logits choose the first of the answer.</summary>
    private int Shared(SlotTokens slot, Sequence sequence) =>
        sequence.ReadsCache && slot.SharedWith(sequence.Input.AsSpan(..^1), sequence.Tenant) is var shared && (keepsParts || shared == slot.Count) ? shared : 0;

    private bool IsBeingComputed(Sequence sequence, List<Sequence> active, int length)
    {
        if (!keepsParts || !sequence.ReadsCache)
        {
            return false;
        }

        foreach (var other in active)
        {
            if (other.HasBegun && other.IsPrefilling && other.Tenant == sequence.Tenant && other.Input.AsSpan().CommonPrefixLength(sequence.Input.AsSpan(..^1)) >= length)
            {
                return true;
            }
        }

        return false;
    }
}
