using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Routing;
using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.Gateway.Authentication;

/// <summary>Who calls, with what is made once for all of that caller's requests.</summary>
internal sealed class Caller(InternalIdentity identity, ProjectRoutes routes, DateTimeOffset? expiresAt)
{
    /// <summary>Begins the subject of a caller who showed an API key; its id follows.</summary>
    public const string KeySubject = "key:";

    private static readonly TimeSpan TokenLifetime = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan TokenReuse = TimeSpan.FromSeconds(30);

    private volatile IssuedToken? _token;

    public InternalIdentity Identity { get; } = identity;

    public ProjectRoutes Routes { get; } = routes;

    public DateTimeOffset? ExpiresAt { get; } = expiresAt;

    public bool MayInvoke { get; } = identity.Has(Permissions.InferenceInvoke);

    public static Caller FromKey(ApiKeyRoute key, ProjectRoutes routes) =>
        new(InternalIdentity.WithRoles($"{KeySubject}{key.Id}", key.Project, key.FactoryWide, key.Roles), routes, key.ExpiresAt);

    public bool IsExpired(TimeProvider time) => ExpiresAt is { } end && end <= time.GetUtcNow();

    /// <summary>The <c>Authorization</c> header for a service; one token serves half of its life.</summary>
    public string Authorization(IdentityTokens tokens, TimeProvider time)
    {
        var now = time.GetTimestamp();
        if (_token is not { } token || time.GetElapsedTime(token.At, now) > TokenReuse)
        {
            _token = token = new IssuedToken($"Bearer {tokens.Issue(Identity, TokenLifetime)}", now);
        }

        return token.Header;
    }

    private sealed record IssuedToken(string Header, long At);
}
