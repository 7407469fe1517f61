using AiFactory.Gateway.Authentication;
using AiFactory.Gateway.Routing;
using AiFactory.ServiceDefaults.Identity;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Sessions;

/// <summary>Who may have a session, and the token that is one.</summary>
internal sealed class SessionService(IOptions<ConsoleOptions> options, SignInLink link, CallerAuthenticator authenticator, CurrentRoutes routes, IdentityTokens tokens)
{
    /// <summary>The subject of those who sign in by the link.</summary>
    private const string ConsoleSubject = "user:console";

    public TimeSpan Lifetime => options.Value.SessionLifetime;

    /// <summary>Null when neither the token nor the key is right.</summary>
    public InternalIdentity? SignIn(SessionRequest request)
    {
        if (request.Token is { } token)
        {
            return link.Matches(token)
                ? InternalIdentity.WithRoles(ConsoleSubject, options.Value.Project, factoryWide: true, [Roles.Admin]) with { Link = link.Mark }
                : null;
        }

        return request.Key is { } key && routes.Table is { } table ? authenticator.Find(key, table).Caller?.Identity : null;
    }

    /// <summary>Verifiable by any gateway with the factory's identity key, after a restart too.</summary>
    public string Issue(InternalIdentity identity) => tokens.Issue(identity, Lifetime, TokenAudiences.Console);
}
