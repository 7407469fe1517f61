using System.Diagnostics.CodeAnalysis;

namespace AiFactory.Gateway.Caching;

/// <summary>What is kept: in this process's memory first, then where all gateways have it.</summary>
internal sealed class CacheLevels(CacheMemory memory, StoredAnswers stored, TimeProvider time)
{
    public bool TryGet(CacheKey key, CacheDirectives said, [NotNullWhen(true)] out CacheEntry? entry) =>
        memory.TryGet(key, out entry) && said.Takes(entry, time.GetUtcNow());

    /// <summary>Null also where the second level is away.</summary>
    public async Task<CacheEntry?> FindStoredAsync(CacheKey key, CacheDirectives said, CancellationToken cancellationToken) =>
        await FindStoredAsync([key], said, cancellationToken) is [var (_, entry)] ? entry : null;

    /// <summary>Those that are there.</summary>
    public async Task<IReadOnlyList<(CacheKey Key, CacheEntry Entry)>> FindStoredAsync(IReadOnlyCollection<CacheKey> keys, CacheDirectives said, CancellationToken cancellationToken)
    {
        var found = await stored.FindAsync(keys, cancellationToken);
        foreach (var (key, entry) in found)
        {
            memory.Set(key, entry);
        }

        return [.. found.Where(one => said.Takes(one.Entry, time.GetUtcNow()))];
    }

    /// <returns>Whether it is found here now.</returns>
    public bool Keep(CacheKey key, CacheEntry entry)
    {
        stored.Queue(key, entry);
        return memory.Set(key, entry);
    }

    /// <returns>How many were in memory.</returns>
    public int Remove(CachePurge purge)
    {
        stored.Drop(purge);
        return memory.Remove(purge.IsOf);
    }
}
