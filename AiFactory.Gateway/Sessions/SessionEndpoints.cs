using System.Globalization;
using System.Net;
using AiFactory.Gateway.Auditing;
using AiFactory.Gateway.Authentication;
using AiFactory.Gateway.Routing;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AiFactory.Gateway.Sessions;

internal static class SessionEndpoints
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var sessions = app.MapGroup("/api/session").WithTags("session");
        sessions.MapPost("/", SignIn).AllowAnonymous();
        sessions.MapDelete("/", SignOut).AllowAnonymous();

        sessions.MapGet("/", Get).AllowAnonymous();
        ProviderSignInEndpoints.Map(sessions);
    }

    private static Results<Ok<SessionResponse>, ProblemHttpResult> SignIn(SessionRequest request, SessionService sessions, SignInLimiter limiter, AuditTrail audit, SessionCookie cookies, HttpContext context)
    {
        // Only our own pages may begin a session in a browser: another site must not sign its visitor in as somebody else.
        if (context.Request.Headers.Origin is [{ Length: > 0 } origin] && !IsOwn(origin, context.Request))
        {
            return Problems.Forbidden("A page of another site cannot sign in here.");
        }

        if (sessions.SignIn(request) is not { } identity)
        {
            return Refuse(limiter, context);
        }

        if (!identity.Has(Permissions.ProjectsRead))
        {
            return Problems.Forbidden("This API key has a scope: it calls models, and does not open the console.");
        }

        audit.Add(identity, AuditTrail.SessionBegun, "console");
        // Another person's session, which could be renewed, must not come back over this one.
        cookies.DeleteRenewal(context);
        cookies.Write(context, sessions.Issue(identity), sessions.Lifetime);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(SessionResponse.From(identity));
    }

    /// <summary>Only those who fail are held up: many people may sit behind one address, and who has the right token or key must not pay for a neighbour's guesses.</summary>
    private static ProblemHttpResult Refuse(SignInLimiter limiter, HttpContext context)
    {
        var address = context.Connection.RemoteIpAddress ?? IPAddress.None;
        if (limiter.Delay(address) is { } wait)
        {
            context.Response.Headers.RetryAfter = Math.Ceiling(Math.Max(1, wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
            return Problems.Of(StatusCodes.Status429TooManyRequests, "Too many failed sign-ins from this address. Wait a minute.");
        }

        limiter.Failed(address);
        return Problems.Unauthenticated("The sign-in link is not valid any more, or the key is not known. The link is printed anew at each start of the factory.");
    }

    /// <summary>Who is signed in. That it is nobody, or nobody any more, is an answer (204) and no refusal: browsers write each refusal to their log, and the sign-in page has to ask.</summary>
    private static Results<Ok<SessionResponse>, NoContent, ChallengeHttpResult, ForbidHttpResult> Get(HttpContext context, CurrentRoutes routes, SessionWriter writer)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (context.Features.Get<Caller>() is not { } caller)
        {
            // Keys and tokens are shown by programs; and who asks before the gateway knows anybody asks again.
            return context.Request.Headers.Authorization.Count > 0 || context.Request.Headers.ContainsKey(CallerAuthenticator.KeyHeader) || routes.Table is null
                ? TypedResults.Challenge()
                : TypedResults.NoContent();
        }

        // Every role that a person or a key can hold may read projects: whoever is signed in may ask who they are.
        return caller.Identity.Has(Permissions.ProjectsRead)
            ? TypedResults.Ok(SessionResponse.Of(caller.Identity, caller.User, renewable: writer.OwnTicketOf(context) is not null))
            : TypedResults.Forbid();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> SignOut(
        HttpContext context, SessionCookie cookies, SessionWriter writer, ProviderSignIn signIn, AuditTrail audit, CancellationToken cancellationToken)
    {
        if (context.Request.Headers[CallerAuthenticator.ConsoleHeader] is not ["1"])
        {
            return Problems.Forbidden($"Signing out needs the header '{CallerAuthenticator.ConsoleHeader}: 1'.");
        }

        if (context.Features.Get<Caller>() is { } caller)
        {
            audit.Add(caller.Identity, AuditTrail.SessionEnded, "console");
        }

        cookies.Delete(context);
        if (writer.TicketOf(context) is { } ticket)
        {
            await signIn.EndAsync(ticket, cancellationToken);
        }

        return TypedResults.NoContent();
    }

    private static bool IsOwn(string origin, HttpRequest request) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var page)
        && string.Equals(page.Authority, request.Host.HasValue ? request.Host.Value : "", StringComparison.OrdinalIgnoreCase);
}
