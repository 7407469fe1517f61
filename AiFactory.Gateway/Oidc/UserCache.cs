using System.Collections.Concurrent;
using AiFactory.Gateway.Routing;

namespace AiFactory.Gateway.Oidc;

/// <summary>Users by the hash of what they showed, until it expires: a token is verified once, and then looked up. What it holds is bounded.</summary>
internal sealed class UserCache(int most, TimeProvider time)
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<KeyHash, Entry> _users = new();
    private long _sweptAt = time.GetTimestamp();

    public int Count => _users.Count;

    /// <param name="version">Of the provider's keys: with other keys whoever comes is verified anew, for one of them may have been withdrawn.</param>
    public OidcUser? Find(in KeyHash hash, long version) => _users.TryGetValue(hash, out var entry) && entry.Version == version ? entry.User : null;

    public void Add(in KeyHash hash, long version, OidcUser user)
    {
        if (_users.Count >= most || time.GetElapsedTime(Interlocked.Read(ref _sweptAt)) >= SweepInterval)
        {
            Sweep(version);
        }

        // All of them are valid: whoever comes again is verified again.
        if (_users.Count >= most)
        {
            _users.Clear();
        }

        _users[hash] = new Entry(version, user);
    }

    private void Sweep(long version)
    {
        Interlocked.Exchange(ref _sweptAt, time.GetTimestamp());
        var now = time.GetUtcNow();
        foreach (var (key, known) in _users)
        {
            if ((version >= 0 && known.Version >= 0 && known.Version != version) || known.User.ExpiresAt <= now)
            {
                _users.TryRemove(key, out _);
            }
        }
    }

    private sealed record Entry(long Version, OidcUser User);
}
