using System.Collections.Concurrent;
using AiFactory.Gateway.Authentication;

namespace AiFactory.Gateway.Oidc;

/// <summary>Whom users of the provider act as with one routing table, made once for all of their requests. What it holds is bounded, and goes with the table.</summary>
internal sealed class UserCallers
{
    private const int Most = 10_000;

    private readonly ConcurrentDictionary<(OidcUser User, string Project), Caller> _callers = new();

    public bool TryGet(OidcUser user, string project, out Caller? caller) => _callers.TryGetValue((user, project), out caller);

    public Caller Add(OidcUser user, string project, Caller caller)
    {
        if (_callers.Count >= Most)
        {
            _callers.Clear();
        }

        return _callers.GetOrAdd((user, project), caller);
    }
}
