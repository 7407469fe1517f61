using System.Collections.Concurrent;
using AiFactory.Gateway.Authentication;
using AiFactory.Gateway.Routing;
using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.Gateway.Oidc;

/// <summary>Whom a verified token is of, with what is made once for all requests with it.</summary>
/// <param name="usual">The project of a user who has the whole factory and names none.</param>
internal sealed class OidcUser(string subject, Grants grants, DateTimeOffset expiresAt, string usual)
{
    /// <summary>By the project that the request is about; of those that are not the user's, under the empty name.</summary>
    private readonly ConcurrentDictionary<string, (RoutingTable Table, Caller Caller)> _callers = new(StringComparer.Ordinal);

    public string Subject => subject;

    /// <summary>What the person is called; null for one who came with a bearer token.</summary>
    public string? Name { get; init; }

    public Grants Grants => grants;

    public DateTimeOffset ExpiresAt => expiresAt;

    public InternalIdentity IdentityIn(string? project) => grants.For(subject, project, usual);

    public Caller CallerFor(string? project, RoutingTable table)
    {
        var key = project is not null && grants.Projects.Any(entry => entry.Key == project) ? project : "";
        if (_callers.TryGetValue(key, out var known) && known.Table == table)
        {
            return known.Caller;
        }

        var identity = IdentityIn(key.Length == 0 ? null : key);
        var caller = new Caller(identity, table.RoutesOf(identity.Project), expiresAt) { User = this };
        _callers[key] = (table, caller);
        return caller;
    }
}
