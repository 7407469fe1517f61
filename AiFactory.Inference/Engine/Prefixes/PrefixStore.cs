using AiFactory.Inference.Native;

namespace AiFactory.Inference.Engine.Prefixes;

/// <summary>
/// Beginnings that no slot holds any more, in the machine's memory, for a prompt that begins like them, or for the request that had to leave its slot. What was not used for the longest time goes first.
/// Only the engine's thread touches it.
/// </summary>
/// <param name="limit">Bytes of all of them; 0 stores nothing.</param>
/// <param name="keepsParts">See <see cref="PrefixCache"/>.</param>
internal sealed class PrefixStore(LlamaContext context, long limit, bool keepsParts) : IDisposable
{
    // Those used last come first.
    private readonly LinkedList<StoredPrefix> _prefixes = [];

    /// <summary>Bytes in use.</summary>
    public long Bytes { get; private set; }

    public int Count => _prefixes.Count;

    /// <summary>Whether what a slot holds would find room beside what is pinned.</summary>
    public bool Fits(int slot) => limit > 0 && context.SizeOf(slot) <= limit - PinnedBytes();

    /// <summary>Keeps a copy of what a slot holds. Room is made before it is copied, so that there is never more than the limit.</summary>
    /// <param name="isOwn">Whether one that was there already will not do.</param>
    /// <returns>The copy, or the one that was there already; null when it is too large.</returns>
    public StoredPrefix? Keep(SlotTokens slot, out bool isCopied, bool isOwn = false)
    {
        isCopied = false;
        for (var node = isOwn ? null : _prefixes.First; node is not null; node = node.Next)
        {
            if (slot.SharedWith(node.Value.Tokens, node.Value.Tenant) == slot.Count && (keepsParts || node.Value.Tokens.Length == slot.Count))
            {
                MarkUsed(node);
                return node.Value;
            }
        }

        if (!Fits(slot.Slot))
        {
            return null;
        }

        MakeRoom(slot, context.SizeOf(slot.Slot));
        if (context.Save(slot.Slot) is not { } state)
        {
            return null;
        }

        isCopied = true;
        var prefix = new StoredPrefix(slot.Tokens.ToArray(), slot.Tenant, state);
        _prefixes.AddFirst(prefix);
        Bytes += state.Length;
        return prefix;
    }

    /// <summary>Those that are its beginning go, and of those used longest ago as many as it takes.</summary>
    private void MakeRoom(SlotTokens slot, long size)
    {
        for (var node = _prefixes.Last; node is not null;)
        {
            var before = node.Previous;
            if (keepsParts && node.Value.Pins == 0 && node.Value.Tenant == slot.Tenant && slot.Tokens.StartsWith(node.Value.Tokens))
            {
                Drop(node);
            }

            node = before;
        }

        for (var node = _prefixes.Last; node is not null && Bytes + size > limit;)
        {
            var before = node.Previous;
            if (node.Value.Pins == 0)
            {
                Drop(node);
            }

            node = before;
        }
    }

    private long PinnedBytes()
    {
        var bytes = 0L;
        foreach (var prefix in _prefixes)
        {
            bytes += prefix.Pins > 0 ? prefix.State.Length : 0;
        }

        return bytes;
    }

    /// <summary>The one that shares most tokens with a prompt's beginning.</summary>
    public StoredPrefix? Find(ReadOnlySpan<int> prompt, string? tenant, out int length)
    {
        (var found, length) = (default(LinkedListNode<StoredPrefix>), 0);
        for (var node = _prefixes.First; node is not null; node = node.Next)
        {
            var shared = node.Value.Tenant == tenant ? node.Value.Tokens.AsSpan().CommonPrefixLength(prompt) : 0;
            if (shared > length && (keepsParts || shared == node.Value.Tokens.Length))
            {
                (found, length) = (node, shared);
            }
        }

        return found?.Value;
    }

    /// <summary>Gives a slot what was stored.</summary>
    /// <returns>False when it could not be read: the slot is empty then, and the beginning forgotten.</returns>
    public bool Restore(StoredPrefix prefix, int slot)
    {
        if (_prefixes.Find(prefix) is not { } node)
        {
            return false;
        }

        if (context.Restore(prefix.State, slot))
        {
            MarkUsed(node);
            return true;
        }

        Drop(node);
        return false;
    }

    public void Dispose()
    {
        while (_prefixes.First is { } first)
        {
            Drop(first);
        }
    }

    private void MarkUsed(LinkedListNode<StoredPrefix> node)
    {
        _prefixes.Remove(node);
        _prefixes.AddFirst(node);
    }

    private void Drop(LinkedListNode<StoredPrefix> node)
    {
        _prefixes.Remove(node);
        Bytes -= node.Value.State.Length;
        node.Value.State.Dispose();
    }
}
