using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AiFactory.Gateway.Oidc;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Sessions;

/// <summary>
/// Signing in at the identity provider: the authorization code flow of OpenID Connect Core 1.0, section 3.1, with PKCE (RFC 7636), state and nonce. The gateway keeps nothing: what is
/// on its way, and what renews a session, is sealed in cookies.
/// </summary>
internal sealed partial class ProviderSignIn(
    OidcProvider provider, ProviderClient client, TokenVerifier verifier, OidcUsers users, IOptions<OidcOptions> oidc, IOptions<ConsoleOptions> console, TimeProvider time, ILogger<ProviderSignIn> logger)
{
    public const string CallbackPath = "/api/session/oidc/callback";

    private const int RandomBytes = 32;
    private const int LongestName = 100;
    private const int MostListed = 20;

    /// <summary>Of a token that does not say how long it is valid.</summary>
    private static readonly TimeSpan ShortSession = TimeSpan.FromMinutes(5);

    public static TimeSpan TimeToSignIn { get; } = TimeSpan.FromMinutes(10);

    public bool IsConfigured => provider.IsConfigured && client.ClientId.Length > 0;

    /// <summary>Where the browser goes, and what it takes along; null while the provider is away.</summary>
    /// <param name="callback">Where it comes back to.</param>
    public async Task<(Uri Address, SignInTicket Ticket)?> BeginAsync(Uri callback, string returnTo)
    {
        if (provider.State is null)
        {
            await provider.AskForUnknownKeyAsync(keyId: null);
        }

        if (provider.State?.Document.Authorization is not { } authorization)
        {
            return null;
        }

        var ticket = new SignInTicket(Random(), Random(), Random(), returnTo, (time.GetUtcNow() + TimeToSignIn).ToUnixTimeSeconds());
        var address = QueryHelpers.AddQueryString(authorization.ToAscii(), new Dictionary<string, string?>
        {
            ["response_type"] = "code",
            ["client_id"] = client.ClientId,
            ["redirect_uri"] = callback.ToAscii(),
            ["scope"] = oidc.Value.Scope,
            ["state"] = ticket.State,
            ["nonce"] = ticket.Nonce,
            ["code_challenge"] = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(ticket.Verifier))),
            ["code_challenge_method"] = "S256",
        });
        return (new Uri(address), ticket);
    }

    /// <param name="ticket">What the browser took along; null where it has none.</param>
    public async Task<SignInOutcome> CompleteAsync(IQueryCollection answer, SignInTicket? ticket, Uri callback, CancellationToken cancellationToken)
    {
        // 1. It is the answer to what this browser asked, from the provider that was asked (RFC 9207).
        if (ticket is null || ticket.ExpiresAt <= time.GetUtcNow().ToUnixTimeSeconds()
            || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes($"{answer["state"]}"), Encoding.UTF8.GetBytes(ticket.State)))
        {
            return new SignInOutcome.Refused(SignInFault.Expired);
        }

        if (provider.State is not { } state)
        {
            return new SignInOutcome.Refused(SignInFault.Away);
        }

        if (answer["iss"] is [{ Length: > 0 } issuer] && issuer != state.Document.Issuer)
        {
            return Refuse(SignInFault.Invalid, "its answer names another issuer");
        }

        if (answer["error"] is [{ Length: > 0 } error])
        {
            return Refuse(error is "temporarily_unavailable" or "server_error" ? SignInFault.Away : SignInFault.Denied, Shown(error));
        }

        // 2. The code for tokens.
        var tokens = await client.AskAsync(
            state.Document,
            new Dictionary<string, string>
            {
                ["grant_type"] = "authorization_code", ["code"] = $"{answer["code"]}", ["redirect_uri"] = callback.ToAscii(), ["code_verifier"] = ticket.Verifier,
            },
            cancellationToken);
        return tokens switch
        {
            TokenAnswer.Given given => await OpenAsync(given, ticket.Nonce, former: null, cancellationToken),
            TokenAnswer.Refused refused => Refuse(SignInFault.Invalid, Shown(refused.Error)),
            TokenAnswer.Away away => Refuse(SignInFault.Away, away.Reason),
            _ => throw new InvalidOperationException($"{tokens.GetType().Name} is no answer."),
        };
    }

    /// <summary>With the groups that the person has now.</summary>
    public async Task<SignInOutcome> RenewAsync(RenewalTicket ticket, CancellationToken cancellationToken)
    {
        if (provider.State is not { } state)
        {
            return new SignInOutcome.Refused(SignInFault.Away);
        }

        if (ticket.Session.Issuer != state.Document.Issuer || ticket.Session.EndsAt <= time.GetUtcNow().ToUnixTimeSeconds())
        {
            return new SignInOutcome.Refused(SignInFault.Expired);
        }

        var tokens = await client.AskAsync(
            state.Document, new Dictionary<string, string> { ["grant_type"] = "refresh_token", ["refresh_token"] = ticket.RefreshToken }, cancellationToken);
        return tokens switch
        {
            TokenAnswer.Given given => await OpenAsync(given with { RefreshToken = given.RefreshToken ?? ticket.RefreshToken }, nonce: null, ticket.Session, cancellationToken),
            TokenAnswer.Refused => new SignInOutcome.Refused(SignInFault.Expired),
            TokenAnswer.Away away => Refuse(SignInFault.Away, away.Reason),
            _ => throw new InvalidOperationException($"{tokens.GetType().Name} is no answer."),
        };
    }

    /// <summary>Ends what could renew the session at the provider too.</summary>
    public Task EndAsync(RenewalTicket ticket, CancellationToken cancellationToken) =>
        provider.State is { } state ? client.RevokeAsync(state.Document, ticket.RefreshToken, cancellationToken) : Task.CompletedTask;

    /// <summary>
    /// Where people end their session at the provider itself; null at one that has no such place. It asks them whether they want to: no ID token is kept that would speak for them, so that
    /// no other site's link signs anybody out.
    /// </summary>
    /// <param name="home">Where they come back to.</param>
    public Uri? EndAddress(Uri home) => IsConfigured && provider.State?.Document.EndSession is { } end
        ? new Uri(QueryHelpers.AddQueryString(end.ToAscii(), new Dictionary<string, string?> { ["client_id"] = client.ClientId, ["post_logout_redirect_uri"] = home.ToAscii() }))
        : null;

    /// <param name="former">The session that is renewed: it stays the same person's, and its end is not put off.</param>
    private async Task<SignInOutcome> OpenAsync(TokenAnswer.Given tokens, string? nonce, UserSession? former, CancellationToken cancellationToken)
    {
        // 1. Who it is. A renewal may come without an ID token (section 12.2): then the provider is asked.
        if (provider.State is not { } state)
        {
            return new SignInOutcome.Refused(SignInFault.Away);
        }

        string? name = null;
        TokenClaims? claims = null;
        if (tokens.IdToken is { } idToken)
        {
            var keyId = TokenHead.TryRead(idToken, out var head, out _) ? head.KeyId : null;
            if (!state.Knows(keyId))
            {
                await provider.AskForUnknownKeyAsync(keyId);
                state = provider.State;
            }

            claims = verifier.Verify(idToken, state, client.ClientId, out var fault, payload =>
            {
                name = NameOf(payload);
                return IsForUs(payload, nonce);
            });
            if (claims is null || fault is not null)
            {
                return Refuse(SignInFault.Invalid, $"its ID token: {fault}");
            }
        }
        else if (former is null)
        {
            return Refuse(SignInFault.Invalid, "it gave no ID token: is 'openid' in Oidc:Scope?");
        }

        // 2. The groups, where the token says nothing of them.
        if (claims?.Groups is null)
        {
            using var info = await client.UserInfoAsync(state.Document, tokens.AccessToken, cancellationToken);
            var subject = info is null ? null : TokenClaims.ReadSubject(info.RootElement);
            if (info is null && state.Document.UserInfo is not null && tokens.AccessToken is not null)
            {
                // Nobody loses their session because it was away for a moment.
                return Refuse(SignInFault.Away, "its ID token says nothing of groups, and its userinfo endpoint did not answer with claims");
            }

            if (claims is null && subject is null)
            {
                return Refuse(SignInFault.Away, "it renewed the tokens and did not say whose they are");
            }

            if (info is not null && subject is not null && subject == (claims?.Subject ?? former?.Subject))
            {
                name ??= NameOf(info.RootElement);
                claims = new TokenClaims(subject, TokenClaims.ReadGroups(info.RootElement, oidc.Value.GroupsClaim), claims?.ExpiresAt ?? time.GetUtcNow() + (tokens.ExpiresIn ?? ShortSession));
            }
        }

        if (claims is null || (former is not null && claims.Subject != former.Subject))
        {
            return Refuse(SignInFault.Invalid, "it renewed the tokens of somebody else");
        }

        // 3. What they may do.
        var end = former?.EndsAt ?? (time.GetUtcNow() + console.Value.SessionLifetime).ToUnixTimeSeconds();
        var session = new UserSession(
            state.Document.Issuer, claims.Subject, name ?? former?.Name, users.Known(claims.Groups ?? []), Math.Min(claims.ExpiresAt.ToUnixTimeSeconds(), end), end);
        var identity = users.IdentityOf(session);
        if (session.Groups.Count > 0)
        {
            return new SignInOutcome.Done(session, identity, tokens.RefreshToken);
        }

        LogNoGroup(
            logger, identity.Subject, claims.Groups is null ? $"the identity provider says nothing of groups in '{oidc.Value.GroupsClaim}'" : $"none of Oidc:Groups is among theirs: {Listed(claims.Groups)}");
        return new SignInOutcome.Refused(claims.Groups is null ? SignInFault.Claim : SignInFault.Group, identity);
    }

    /// <summary>Section 3.1.3.7: the token that this sign-in asked for, and for nobody else beside us.</summary>
    private bool IsForUs(JsonElement payload, string? nonce) =>
        (nonce is null || (payload.TryGetProperty("nonce"u8, out var said) && said.ValueKind == JsonValueKind.String && said.ValueEquals(nonce)))
        && (!payload.TryGetProperty("azp"u8, out var party) || (party.ValueKind == JsonValueKind.String && party.ValueEquals(client.ClientId)));

    private static string? NameOf(JsonElement claims)
    {
        foreach (var claim in (string[])["name", "preferred_username", "email"])
        {
            if (claims.TryGetProperty(claim, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 and <= LongestName } name && !name.Any(char.IsControl))
            {
                return name;
            }
        }

        return null;
    }

    private static string Random() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes));

    /// <summary>What came by the browser may be anything.</summary>
    private static string Shown(string error) => new([.. error.Take(100).Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-' or ' ' ? letter : '?')]);

    private static string Listed(IReadOnlyList<string> groups) => groups.Count == 0 ? "(none)"
        : $"{string.Join(", ", groups.Take(MostListed).Select(Shown))}{(groups.Count > MostListed ? $" and {groups.Count - MostListed} more" : "")}";

    private SignInOutcome.Refused Refuse(SignInFault fault, string reason)
    {
        LogRefused(logger, fault, reason);
        return new SignInOutcome.Refused(fault);
    }

    [LoggerMessage(1903, LogLevel.Warning, "A sign-in at the identity provider failed ({Fault}): {Reason}")]
    private static partial void LogRefused(ILogger logger, SignInFault fault, string reason);

    [LoggerMessage(1905, LogLevel.Warning, "{Subject} signed in at the identity provider and may do nothing here: {Reason}")]
    private static partial void LogNoGroup(ILogger logger, string subject, string reason);
}
