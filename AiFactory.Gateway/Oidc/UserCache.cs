using System.Collections.Concurrent;
using AiFactory.Gateway.Routing;

namespace AiFactory.Gateway.Oidc;

/// <summary>Users by the hash of what they showed, until it expires: a token is verified once, and then looked up. What it holds is bounded.</summary>
internal sealed class UserCache(int most, TimeProvider time)
{
    private readonly ConcurrentDictionary<KeyHash, Entry> _users = new();

    public int Count => _users.Count;

    /// <param name="version">Of the provider's keys: with other keys whoever comes is verified anew, for one of them may have been withdrawn.</param>
    public OidcUser? Find(in KeyHash hash, long version) => _users.TryGetValue(hash, out var entry) && entry.Version == version ? entry.User : null;

    public void Add(in KeyHash hash, long version, OidcUser user)
    {
        if (_users.Count >= most)
        {
            var now = time.GetUtcNow();
            foreach (var (key, known) in _users)
            {
                if ((known.Version != version && known.Version >= 0) || known.User.ExpiresAt <= now)
                {
                    _users.TryRemove(key, out _);
                }
            }

            // All of them are valid: whoever comes again is verified again.
            if (_users.Count >= most)
            {
                _users.Clear();
            }
        }

        _users[hash] = new Entry(version, user);
    }

    private sealed record Entry(long Version, OidcUser User);
}
