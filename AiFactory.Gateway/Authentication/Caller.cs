using System.Collections.Concurrent;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Oidc;
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

    /// <summary>By the deployment that they are for; the one for management is under the empty id.</summary>
    private readonly ConcurrentDictionary<Guid, IssuedToken> _tokens = new();

    public InternalIdentity Identity { get; } = identity;

    public ProjectRoutes Routes { get; } = routes;

    public DateTimeOffset? ExpiresAt { get; } = expiresAt;

    /// <summary>Null for a caller who showed no API key.</summary>
    public Guid? KeyId { get; init; }

    /// <summary>Whom a key's limits are held against: the subject of the first key of its line of rotations. Null for a caller who showed no API key.</summary>
    public string? KeyLine { get; init; }

    /// <summary>What its key is limited to; null for a caller who may call whatever its project can.</summary>
    public CallerScope? Scope { get; init; }

    /// <summary>Whom the identity provider vouches for; null for others.</summary>
    public OidcUser? User { get; init; }

    public bool MayInvoke { get; } = identity.Has(Permissions.InferenceInvoke);

    /// <summary>A key with a scope calls models and does nothing else: whoever could make keys or run agents with it would soon have more than the scope.</summary>
    public static Caller FromKey(ApiKeyRoute key, ProjectRoutes routes)
    {
        var identity = InternalIdentity.WithRoles($"{KeySubject}{key.Id}", key.Project, key.FactoryWide, key.Roles);
        return new Caller(key.Scope is null || !identity.Has(Permissions.InferenceInvoke) ? identity : identity with { Permissions = [Permissions.InferenceInvoke] }, routes, key.ExpiresAt)
        {
            KeyId = key.Id,
            KeyLine = $"{KeySubject}{key.Family ?? key.Id}",
            Scope = key.Scope is { } scope ? new CallerScope(key.Name, scope) : null,
        };
    }

    public bool IsExpired(TimeProvider time) => ExpiresAt is { } end && end <= time.GetUtcNow();

    /// <summary>The <c>Authorization</c> header for a service; one token serves half of its life.</summary>
    /// <param name="deployment">The one that the caller was let use, where the service is a worker.</param>
    public string Authorization(IdentityTokens tokens, TimeProvider time, Guid? deployment = null)
    {
        var now = time.GetTimestamp();
        var purpose = deployment ?? Guid.Empty;
        if (!_tokens.TryGetValue(purpose, out var token) || time.GetElapsedTime(token.At, now) > TokenReuse)
        {
            _tokens[purpose] = token = new IssuedToken($"Bearer {tokens.Issue(Identity with { Deployment = deployment }, TokenLifetime)}", now);
        }

        return token.Header;
    }

    private sealed record IssuedToken(string Header, long At);
}
