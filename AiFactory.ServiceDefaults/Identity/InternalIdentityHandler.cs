using System.Net;
using System.Text.Encodings.Web;
using AiFactory.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AiFactory.ServiceDefaults.Identity;

internal sealed class InternalIdentityHandler(
    IdentityTokens tokens,
    IProblemDetailsService problems,
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    private const string Prefix = "Bearer ";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization;
        if (header.Count == 0)
        {
            return Task.FromResult(AuthenticateResult.NoResult());
        }

        if (header.Count != 1 || header[0] is not { } value || !value.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
        {
            return Task.FromResult(AuthenticateResult.Fail("The Authorization header is not one Bearer token."));
        }

        if (!tokens.TryVerify(value[Prefix.Length..], out var identity))
        {
            return Task.FromResult(AuthenticateResult.Fail("The internal identity is not valid or has expired."));
        }

        var principal = new InternalClaimsIdentity(identity, Scheme.Name).ToPrincipal();
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(principal, Scheme.Name)));
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer";
        await problems.WriteStatusAsync(Context, (int)HttpStatusCode.Unauthorized, "This route needs a valid identity.");
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        problems.WriteStatusAsync(Context, (int)HttpStatusCode.Forbidden, "The caller's roles do not allow this.");
}
