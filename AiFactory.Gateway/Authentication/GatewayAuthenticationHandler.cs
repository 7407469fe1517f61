using System.Text.Encodings.Web;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Routing;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Authentication;

/// <summary>
/// The scheme of every route but the model routes, which ask <see cref="CallerAuthenticator"/> themselves. A service's identity token is not accepted:
/// the gateway is the door for those who are outside. The builder's own is known here too, but gives no permission beyond calling models.
/// </summary>
internal sealed class GatewayAuthenticationHandler(
    CallerAuthenticator authenticator,
    CurrentRoutes routes,
    IProblemDetailsService problems,
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "Gateway";

    private OpenAIError? _error;

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (routes.Table is not { } table)
        {
            _error = OpenAIError.NotReady;
            return Task.FromResult(AuthenticateResult.Fail(OpenAIError.NotReady.Body.Message));
        }

        var outcome = authenticator.Authenticate(Request, table);
        if (outcome.Caller is { } caller)
        {
            Context.Features.Set(caller);
            var principal = new InternalClaimsIdentity(caller.Identity, SchemeName).ToPrincipal();
            return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(principal, SchemeName)));
        }

        _error = outcome.Error;
        return Task.FromResult(_error is null ? AuthenticateResult.NoResult() : AuthenticateResult.Fail(_error.Body.Message));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (_error is { Status: not StatusCodes.Status401Unauthorized } error)
        {
            return problems.WriteStatusAsync(Context, error.Status, error.Body.Message);
        }

        Response.Headers.WWWAuthenticate = "Bearer";
        return problems.WriteStatusAsync(
            Context, StatusCodes.Status401Unauthorized, _error?.Body.Message ?? "Sign in, or send an API key in the Authorization header.");
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        problems.WriteStatusAsync(
            Context,
            StatusCodes.Status403Forbidden,
            Context.Features.Get<Caller>()?.Scope is null ? "The caller's roles do not allow this." : "This API key has a scope: it calls models, and opens nothing else.");
}
