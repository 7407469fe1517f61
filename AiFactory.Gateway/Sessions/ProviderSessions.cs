using System.Text.Json;
using AiFactory.Gateway.Oidc;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Sessions;

/// <summary>Makes a session of the tokens that the identity provider gave: who it is, in which groups, and what these may do here.</summary>
internal sealed partial class ProviderSessions(
    OidcProvider provider, ProviderClient client, TokenVerifier verifier, OidcUsers users, IOptions<OidcOptions> oidc, IOptions<ConsoleOptions> console, TimeProvider time, ILogger<ProviderSessions> logger)
{
    private const int LongestName = 100;
    private const int MostListed = 20;

    /// <summary>Of a token that does not say how long it is valid.</summary>
    private static readonly TimeSpan ShortSession = TimeSpan.FromMinutes(5);

    /// <param name="nonce">What the sign-in asked for; null at a renewal.</param>
    /// <param name="former">The session that is renewed: it stays the same person's, and its end is not put off.</param>
    public async Task<SignInOutcome> OpenAsync(TokenAnswer.Given tokens, string? nonce, UserSession? former, CancellationToken cancellationToken)
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
                return logger.Refuse(SignInFault.Invalid, $"its ID token: {fault}");
            }
        }
        else if (former is null)
        {
            return logger.Refuse(SignInFault.Invalid, "it gave no ID token: is 'openid' in Oidc:Scope?");
        }

        // 2. The groups, where the token says nothing of them.
        if (claims?.Groups is null)
        {
            using var info = await client.UserInfoAsync(state.Document, tokens.AccessToken, cancellationToken);
            var subject = info is null ? null : TokenClaims.ReadSubject(info.RootElement);
            if (info is null && state.Document.UserInfo is not null && tokens.AccessToken is not null)
            {
                // Nobody loses their session because it was away for a moment.
                return logger.Refuse(SignInFault.Away, "its ID token says nothing of groups, and its userinfo endpoint did not answer with claims");
            }

            if (claims is null && subject is null)
            {
                return logger.Refuse(SignInFault.Away, "it renewed the tokens and did not say whose they are");
            }

            if (info is not null && subject is not null && subject == (claims?.Subject ?? former?.Subject))
            {
                name ??= NameOf(info.RootElement);
                claims = new TokenClaims(subject, TokenClaims.ReadGroups(info.RootElement, oidc.Value.GroupsClaim), claims?.ExpiresAt ?? time.GetUtcNow() + (tokens.ExpiresIn ?? ShortSession));
            }
        }

        if (claims is null || (former is not null && claims.Subject != former.Subject))
        {
            return logger.Refuse(SignInFault.Invalid, "it renewed the tokens of somebody else");
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

    private static string Listed(IReadOnlyList<string> groups) => groups.Count == 0 ? "(none)"
        : $"{string.Join(", ", groups.Take(MostListed).Select(SignInRefusals.Shown))}{(groups.Count > MostListed ? $" and {groups.Count - MostListed} more" : "")}";

    [LoggerMessage(1905, LogLevel.Warning, "{Subject} signed in at the identity provider and may do nothing here: {Reason}")]
    private static partial void LogNoGroup(ILogger logger, string subject, string reason);
}
