using System.Runtime.InteropServices;
using AiFactory.Gateway.Authentication;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Routing;
using AiFactory.Gateway.Sessions;
using AiFactory.ServiceDefaults.Identity;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Oidc;

/// <summary>The callers whom the identity provider vouches for. Nothing here waits for the provider: its keys are known or they are not.</summary>
internal sealed class OidcUsers(OidcProvider provider, TokenVerifier verifier, GroupMap groups, CookieSeal seal, IOptions<OidcOptions> options, IOptions<ConsoleOptions> console, TimeProvider time)
{
    /// <summary>Begins the subject of a user of the provider; the provider's own follows.</summary>
    public const string UserSubject = "user:";

    private const int MostCached = 10_000;

    /// <summary>They do not depend on the provider's keys: their tokens were verified when they began.</summary>
    private const long VersionOfSessions = -1;

    private readonly string _audience = options.Value.Audience ?? "";
    private readonly TimeSpan _skew = options.Value.ClockSkew;
    private readonly UserCache _cache = new(MostCached, time);

    public bool IsConfigured => provider.IsConfigured;

    /// <summary>The caller with this bearer token.</summary>
    public AuthenticationOutcome Find(ReadOnlySpan<char> token, HttpRequest request, RoutingTable table)
    {
        if (provider.State is not { } state)
        {
            return new AuthenticationOutcome(null, OpenAIError.ProviderAway);
        }

        var hash = KeyHash.Of(MemoryMarshal.AsBytes(token[..Math.Min(token.Length, TokenHead.LongestToken + 1)]));
        if (_cache.Find(hash, state.Version) is { } known)
        {
            return Of(known, request, table);
        }

        var claims = verifier.Verify(token, state, _audience, out var fault);
        if (claims is null)
        {
            return new AuthenticationOutcome(null, OpenAIError.InvalidToken(Words(fault)));
        }

        var user = UserOf(claims.Subject, name: null, groups.Known(claims.Groups ?? []), claims.ExpiresAt);
        if (fault is null)
        {
            _cache.Add(hash, state.Version, user);
        }

        return Of(user, request, table);
    }

    /// <summary>The caller with this session, which ends with its token to the second; a session of another provider than ours now is none.</summary>
    public AuthenticationOutcome FindSession(string cookie, HttpRequest request, RoutingTable table)
    {
        var hash = KeyHash.Of(MemoryMarshal.AsBytes<char>(cookie));
        if (_cache.Find(hash, VersionOfSessions) is not { } user)
        {
            if (!IsConfigured || seal.Open(UserSession.Purpose, cookie[UserSession.Mark.Length..], SessionJson.Default.UserSession) is not { } session
                || session.Issuer.TrimEnd('/') != options.Value.Authority?.TrimEnd('/'))
            {
                return new AuthenticationOutcome(null, OpenAIError.ExpiredSession);
            }

            user = UserOf(session);
            _cache.Add(hash, VersionOfSessions, user);
        }

        return user.ExpiresAt <= time.GetUtcNow() || user.Grants.IsEmpty
            ? new AuthenticationOutcome(null, OpenAIError.ExpiredSession)
            : new AuthenticationOutcome(user.CallerFor(RequestedProject.Of(request), table), null);
    }

    /// <summary>Those of the groups that mean something here.</summary>
    public string[] Known(IEnumerable<string> all) => groups.Known(all);

    public OidcUser UserOf(UserSession session) => UserOf(session.Subject, session.Name, session.Groups, DateTimeOffset.FromUnixTimeSeconds(session.ExpiresAt));

    public InternalIdentity IdentityOf(UserSession session) => UserOf(session).IdentityIn(project: null);

    private OidcUser UserOf(string subject, string? name, IReadOnlyCollection<string> known, DateTimeOffset expiresAt) =>
        new($"{UserSubject}{subject}", groups.Of(known), expiresAt, console.Value.Project) { Name = name };

    private AuthenticationOutcome Of(OidcUser user, HttpRequest request, RoutingTable table)
    {
        var caller = user.CallerFor(RequestedProject.Of(request), table);
        if (user.ExpiresAt + _skew <= time.GetUtcNow())
        {
            return new AuthenticationOutcome(null, OpenAIError.InvalidToken(Words(TokenFault.Expired))) { Denied = caller };
        }

        return user.Grants.IsEmpty ? new AuthenticationOutcome(null, OpenAIError.NoMappedGroup) { Denied = caller } : new AuthenticationOutcome(caller, null);
    }

    private string Words(TokenFault? fault) => fault switch
    {
        TokenFault.TooLong => $"it is longer than {TokenHead.LongestToken} characters.",
        TokenFault.Encrypted => "it is encrypted; only signed tokens are taken.",
        TokenFault.Algorithm => "it is signed with another algorithm than RS256, PS256 or ES256.",
        TokenFault.UnknownKey => "it is signed with a key that the identity provider does not name.",
        TokenFault.Signature => "its signature is wrong.",
        TokenFault.Claims => "it names no subject or no expiry.",
        TokenFault.Issuer => "another issuer made it.",
        TokenFault.Audience => $"it is not for the audience '{_audience}'.",
        TokenFault.Expired => "it has expired.",
        TokenFault.NotYetValid => "it is not valid yet.",
        _ => "it is neither an API key of this factory nor a signed token.",
    };
}
