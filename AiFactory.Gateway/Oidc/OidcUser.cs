using AiFactory.Gateway.Authentication;
using AiFactory.Gateway.Routing;
using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.Gateway.Oidc;

/// <summary>Whom a verified token is of, with what is made once for all requests with it.</summary>
/// <param name="usual">The project of a user who has the whole factory and names none.</param>
internal sealed class OidcUser(string subject, Grants grants, DateTimeOffset expiresAt, string usual)
{
    public string Subject => subject;

    /// <summary>What the person is called; null for one who came with a bearer token.</summary>
    public string? Name { get; init; }

    public Grants Grants => grants;

    public DateTimeOffset ExpiresAt => expiresAt;

    public InternalIdentity IdentityIn(string? project) => grants.For(subject, project, usual);

    /// <param name="project">The one that the request is about; all that are not the user's are one.</param>
    public Caller CallerFor(string? project, RoutingTable table)
    {
        var key = project is not null && grants.Projects.Any(entry => entry.Key == project) ? project : "";
        if (table.Users.TryGet(this, key, out var known) && known is not null)
        {
            return known;
        }

        var identity = IdentityIn(key.Length == 0 ? null : key);
        return table.Users.Add(this, key, new Caller(identity, table.RoutesOf(identity.Project), expiresAt) { User = this });
    }
}
