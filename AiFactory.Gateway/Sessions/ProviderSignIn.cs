using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using AiFactory.Gateway.Oidc;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Sessions;

/// <summary>
/// Signing in at the identity provider: the authorization code flow of OpenID Connect Core 1.0, section 3.1, with PKCE (RFC 7636), state and nonce. The gateway keeps nothing: what is
/// on its way, and what renews a session, is sealed in cookies.
/// </summary>
internal sealed class ProviderSignIn(OidcProvider provider, ProviderClient client, ProviderSessions sessions, IOptions<OidcOptions> oidc, TimeProvider time, ILogger<ProviderSignIn> logger)
{
    public const string CallbackPath = "/api/session/oidc/callback";

    private const int RandomBytes = 32;

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
            return logger.Refuse(SignInFault.Invalid, "its answer names another issuer");
        }

        if (answer["error"] is [{ Length: > 0 } error])
        {
            return logger.Refuse(error is "temporarily_unavailable" or "server_error" ? SignInFault.Away : SignInFault.Denied, SignInRefusals.Shown(error));
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
            TokenAnswer.Given given => await sessions.OpenAsync(given, ticket.Nonce, former: null, cancellationToken),
            TokenAnswer.Refused refused => logger.Refuse(SignInFault.Invalid, SignInRefusals.Shown(refused.Error)),
            TokenAnswer.Away away => logger.Refuse(SignInFault.Away, away.Reason),
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
            TokenAnswer.Given given => await sessions.OpenAsync(given with { RefreshToken = given.RefreshToken ?? ticket.RefreshToken }, nonce: null, ticket.Session, cancellationToken),
            TokenAnswer.Refused => new SignInOutcome.Refused(SignInFault.Expired),
            TokenAnswer.Away away => logger.Refuse(SignInFault.Away, away.Reason),
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

    private static string Random() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes));
}
