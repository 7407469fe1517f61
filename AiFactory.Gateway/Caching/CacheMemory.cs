using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Caching;

/// <summary>The answers in this process's memory, bounded by their bytes: what was used longest ago goes first.</summary>
internal sealed class CacheMemory(IOptions<CachingOptions> options, TimeProvider time)
{
    /// <summary>No single answer may push out more than this part of all.</summary>
    private const int LargestPart = 4;

    private readonly Lock _lock = new();
    private readonly long _bound = options.Value.MemoryBytes;
    private readonly Dictionary<CacheKey, LinkedListNode<(CacheKey Key, CacheEntry Entry)>> _byKey = [];

    /// <summary>The last used stands first.</summary>
    private readonly LinkedList<(CacheKey Key, CacheEntry Entry)> _byUse = new();
    private readonly long[] _bytes = new long[Enum.GetValues<CacheKind>().Length];
    private readonly long[] _counts = new long[Enum.GetValues<CacheKind>().Length];
    private long _evicted;

    /// <summary>Since the start.</summary>
    public long Evicted => Interlocked.Read(ref _evicted);

    public long BytesOf(CacheKind kind) => Interlocked.Read(ref _bytes[(int)kind]);

    public long CountOf(CacheKind kind) => Interlocked.Read(ref _counts[(int)kind]);

    public bool TryGet(CacheKey key, [NotNullWhen(true)] out CacheEntry? entry)
    {
        var now = time.GetUtcNow();
        lock (_lock)
        {
            entry = null;
            if (!_byKey.TryGetValue(key, out var node))
            {
                return false;
            }

            if (node.Value.Entry.ExpiresAt <= now)
            {
                Remove_NeedsLock(node);
                return false;
            }

            _byUse.Remove(node);
            _byUse.AddFirst(node);
            entry = node.Value.Entry;
            return true;
        }
    }

    /// <returns>False when it is too large.</returns>
    public bool Set(CacheKey key, CacheEntry entry)
    {
        if (entry.Size > _bound / LargestPart)
        {
            return false;
        }

        lock (_lock)
        {
            if (_byKey.TryGetValue(key, out var former))
            {
                Remove_NeedsLock(former);
            }

            _byKey[key] = _byUse.AddFirst((key, entry));
            Count_NeedsLock(entry, 1);
            while (_bytes.Sum() > _bound && _byUse.Last is { } last)
            {
                Remove_NeedsLock(last);
                Interlocked.Increment(ref _evicted);
            }

            return true;
        }
    }

    /// <returns>How many.</returns>
    public int Remove(Func<CacheEntry, bool> which)
    {
        lock (_lock)
        {
            var removed = 0;
            for (var node = _byUse.First; node is not null;)
            {
                var next = node.Next;
                if (which(node.Value.Entry))
                {
                    Remove_NeedsLock(node);
                    removed++;
                }

                node = next;
            }

            return removed;
        }
    }

    private void Remove_NeedsLock(LinkedListNode<(CacheKey Key, CacheEntry Entry)> node)
    {
        _byKey.Remove(node.Value.Key);
        _byUse.Remove(node);
        Count_NeedsLock(node.Value.Entry, -1);
    }

    private void Count_NeedsLock(CacheEntry entry, int sign)
    {
        Interlocked.Add(ref _bytes[(int)entry.Kind], sign * entry.Size);
        Interlocked.Add(ref _counts[(int)entry.Kind], sign);
    }
}
