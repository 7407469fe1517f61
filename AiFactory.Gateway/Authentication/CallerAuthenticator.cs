using System.Text;
using AiFactory.Gateway.Batches.Running;
using AiFactory.Gateway.Oidc;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Routing;
using AiFactory.Gateway.Sessions;
using AiFactory.ServiceDefaults.Identity;
using Microsoft.AspNetCore.Http;

namespace AiFactory.Gateway.Authentication;

/// <summary>Finds out who calls, from the routing table alone: no network, no database.</summary>
internal sealed class CallerAuthenticator(IdentityTokens tokens, SignInLink link, OidcUsers users, TimeProvider time)
{
    /// <summary>Sent by the console with each request that changes something: another site's page cannot add it (it would need our consent by CORS).</summary>
    public const string ConsoleHeader = "x-aifactory-console";

    public const string KeyHeader = "x-api-key";

    /// <summary>Our keys have 47 characters; one of another factory may be longer.</summary>
    private const int LongestKey = 256;

    private const string BearerPrefix = "Bearer ";

    public AuthenticationOutcome Authenticate(HttpRequest request, RoutingTable table)
    {
        if (request.HttpContext.Features.Get<WorkOwner>() is { } owner)
        {
            return FindOwner(owner, table);
        }

        // 1. An API key, in one of its two headers; or a token. No key has a dot in it, and every token has.
        var authorization = request.Headers.Authorization;
        if (authorization.Count > 0)
        {
            return authorization is not [{ } value] || !value.StartsWith(BearerPrefix, StringComparison.OrdinalIgnoreCase) ? new AuthenticationOutcome(null, OpenAIError.MissingKey)
                : value.Contains('.', StringComparison.Ordinal) ? FindToken(value[BearerPrefix.Length..].Trim(), request, table)
                : Find(value.AsSpan(BearerPrefix.Length).Trim(), table);
        }

        if (request.Headers.TryGetValue(KeyHeader, out var keys))
        {
            return Find((keys is [{ } key] ? key : "").AsSpan().Trim(), table);
        }

        // 2. The console's cookie.
        return request.Headers.Cookie.Count > 0 && request.Cookies.TryGetValue(SessionCookie.Name, out var cookie)
            ? FindSession(request, cookie, table)
            : default;
    }

    /// <summary>The caller with this key; its hash is looked up, so the time that it takes says nothing about any key.</summary>
    public AuthenticationOutcome Find(ReadOnlySpan<char> key, RoutingTable table)
    {
        Span<byte> utf8 = stackalloc byte[LongestKey];
        if (key.IsEmpty || !Encoding.UTF8.TryGetBytes(key, utf8, out var length))
        {
            return new AuthenticationOutcome(null, key.IsEmpty ? OpenAIError.MissingKey : OpenAIError.InvalidKey(Mask(key)));
        }

        if (table.FindKey(KeyHash.Of(utf8[..length])) is not { } caller)
        {
            return new AuthenticationOutcome(null, OpenAIError.InvalidKey(Mask(key)));
        }

        return caller.IsExpired(time) ? new AuthenticationOutcome(null, OpenAIError.ExpiredKey) { Denied = caller } : new AuthenticationOutcome(caller, null);
    }

    /// <summary>Whose work it is that nobody waits for: their key as it is now, or the one that came in its place.</summary>
    private AuthenticationOutcome FindOwner(WorkOwner owner, RoutingTable table)
    {
        var own = table.FindKey(owner.Subject);
        return (own is null || own.IsExpired(time) ? table.FindKeyOfLine(owner.Line) ?? own : own) switch
        {
            null => new AuthenticationOutcome(null, OpenAIError.RevokedKey),
            { } caller when caller.IsExpired(time) => new AuthenticationOutcome(null, OpenAIError.ExpiredKey) { Denied = caller },
            { } caller => new AuthenticationOutcome(caller, null),
        };
    }

    /// <summary>The builder's, which calls models in a project's name; else one of the identity provider's.</summary>
    private AuthenticationOutcome FindToken(string token, HttpRequest request, RoutingTable table) =>
        FindBuilder(token, table) ?? (users.IsConfigured ? users.Find(token, request, table) : Find(token, table));

    /// <summary>The project that the builder calls for. Its token gives what it says, and that in no other project.</summary>
    private AuthenticationOutcome? FindBuilder(string token, RoutingTable table) =>
        tokens.TryVerify(token, out var identity, TokenAudiences.Builder) && identity.Project is { } project
            ? new AuthenticationOutcome(new Caller(identity with { FactoryWide = false }, table.RoutesOf(project), null), null)
            : null;

    private AuthenticationOutcome FindSession(HttpRequest request, string cookie, RoutingTable table)
    {
        var isForged = !IsSafe(request.Method) && request.Headers[ConsoleHeader] is not ["1"];
        if (cookie.StartsWith(UserSession.Mark, StringComparison.Ordinal))
        {
            var outcome = users.FindSession(cookie, request, table);
            return isForged && outcome.Caller is not null ? new AuthenticationOutcome(null, OpenAIError.CrossSite) : outcome;
        }

        if (!tokens.TryVerify(cookie, out var identity, TokenAudiences.Console))
        {
            return new AuthenticationOutcome(null, OpenAIError.ExpiredSession);
        }

        if (isForged)
        {
            return new AuthenticationOutcome(null, OpenAIError.CrossSite);
        }

        // A session that a key began ends with the key, and has the roles that the key has now.
        if (identity.Subject.StartsWith(Caller.KeySubject, StringComparison.Ordinal))
        {
            return table.FindKey(identity.Subject) is { } caller && !caller.IsExpired(time)
                ? new AuthenticationOutcome(caller, null)
                : new AuthenticationOutcome(null, OpenAIError.ExpiredSession);
        }

        // One that a link began ends when there is a new link.
        if (identity.Link is null || identity.Link != link.Mark)
        {
            return new AuthenticationOutcome(null, OpenAIError.ExpiredSession);
        }

        return new AuthenticationOutcome(new Caller(identity with { Link = null }, table.RoutesOf(identity.Project), null), null);
    }

    private static bool IsSafe(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method);

    /// <summary>Enough to tell which of one's keys it was: the last four characters of a key that is long enough to lose them.</summary>
    private static string Mask(ReadOnlySpan<char> key) => key.Length < 20 ? "****" : $"{(key.StartsWith("aif_") ? "aif_" : "")}****{key[^4..]}";
}
