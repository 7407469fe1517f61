using AiFactory.Gateway.Auditing;
using AiFactory.Gateway.Authentication;
using AiFactory.Gateway.Oidc;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Sessions;

/// <summary>Signing in at the identity provider, as the browser goes through it. What fails leads back to the sign-in page, which says it in words.</summary>
internal static class ProviderSignInEndpoints
{
    private const string SignInPage = "/signin";

    /// <summary>Six times as long it still fits into a cookie that browsers keep: so JSON writes some letters of it.</summary>
    private const int LongestReturn = 400;

    public static void Map(IEndpointRouteBuilder sessions)
    {
        sessions.MapGet("/oidc", Describe).AllowAnonymous();
        sessions.MapGet("/oidc/begin", BeginAsync).AllowAnonymous();
        sessions.MapGet("/oidc/callback", CompleteAsync).AllowAnonymous();
        sessions.MapGet("/oidc/end", End).AllowAnonymous();
        sessions.MapPost("/renewal", RenewAsync).AllowAnonymous();
    }

    private static Ok<ProviderResponse> Describe(ProviderSignIn signIn, IOptions<OidcOptions> options) =>
        TypedResults.Ok(new ProviderResponse(signIn.IsConfigured ? options.Value.Name : null));

    /// <summary>Ends the session at the provider too, by way of the browser. Ours has ended before.</summary>
    private static RedirectHttpResult End(HttpContext context, ProviderSignIn signIn, IOptions<ConsoleOptions> console) =>
        TypedResults.Redirect($"{signIn.EndAddress(At(context, console.Value, SignInPage))?.ToAscii() ?? SignInPage}");

    private static async Task<RedirectHttpResult> BeginAsync(
        HttpContext context, ProviderSignIn signIn, CookieSeal seal, SessionCookie cookies, IOptions<ConsoleOptions> console, [Microsoft.AspNetCore.Mvc.FromQuery(Name = "return")] string? returnTo)
    {
        context.Response.Headers.CacheControl = "no-store";
        var home = ReturnTo(returnTo);
        if (!signIn.IsConfigured || await signIn.BeginAsync(At(context, console.Value, ProviderSignIn.CallbackPath), home) is not var (address, ticket))
        {
            return Back(SignInFault.Away, home);
        }

        cookies.WriteSignIn(context, seal.Seal(SignInTicket.Purpose, ticket, SessionJson.Default.SignInTicket), ProviderSignIn.TimeToSignIn);
        return TypedResults.Redirect(address.ToAscii());
    }

    private static async Task<RedirectHttpResult> CompleteAsync(
        HttpContext context, ProviderSignIn signIn, CookieSeal seal, SessionCookie cookies, SessionWriter writer, AuditTrail audit, IOptions<ConsoleOptions> console, CancellationToken cancellationToken)
    {
        context.Response.Headers.CacheControl = "no-store";
        var ticket = context.Request.Cookies[SessionCookie.SignIn] is { } cookie ? seal.Open(SignInTicket.Purpose, cookie, SessionJson.Default.SignInTicket) : null;
        cookies.DeleteSignIn(context);
        if (!signIn.IsConfigured)
        {
            return Back(SignInFault.Away, "/");
        }

        switch (await signIn.CompleteAsync(context.Request.Query, ticket, At(context, console.Value, ProviderSignIn.CallbackPath), cancellationToken))
        {
            case SignInOutcome.Done done:
                audit.Add(done.Identity, AuditTrail.SessionBegun, "console");
                writer.Write(context, done);
                return TypedResults.Redirect(ticket?.ReturnTo ?? "/");
            case SignInOutcome.Refused refused:
                Keep(audit, refused);
                return Back(refused.Fault, ticket?.ReturnTo ?? "/");
            default:
                throw new InvalidOperationException("A sign-in ends well or not.");
        }
    }

    /// <summary>Puts the session's end off, as long as the provider still knows the person, with the groups that they have now.</summary>
    private static async Task<Results<Ok<SessionResponse>, ProblemHttpResult>> RenewAsync(
        HttpContext context, ProviderSignIn signIn, CookieSeal seal, SessionCookie cookies, SessionWriter writer, AuditTrail audit, CancellationToken cancellationToken)
    {
        if (context.Request.Headers[CallerAuthenticator.ConsoleHeader] is not ["1"])
        {
            return Problems.Forbidden($"Renewing a session needs the header '{CallerAuthenticator.ConsoleHeader}: 1'.");
        }

        context.Response.Headers.CacheControl = "no-store";
        if (!signIn.IsConfigured || writer.OwnTicketOf(context) is not { } ticket)
        {
            cookies.DeleteRenewal(context);
            return Problems.Unauthenticated("There is no session that could be renewed. Sign in again.");
        }

        switch (await signIn.RenewAsync(ticket, cancellationToken))
        {
            case SignInOutcome.Done done:
                return TypedResults.Ok(writer.Write(context, done));
            case SignInOutcome.Refused { Fault: SignInFault.Away }:
                // It is not over yet: the next try may find the provider again.
                return Problems.Unavailable("The identity provider does not answer. Try again shortly.");
            case SignInOutcome.Refused { Fault: SignInFault.Group or SignInFault.Claim } refused:
                Keep(audit, refused);
                cookies.Delete(context);
                return Problems.Unauthenticated("None of your groups may do anything here any more.");
            default:
                cookies.Delete(context);
                return Problems.Unauthenticated("The session has ended. Sign in again.");
        }
    }

    /// <summary>Into the audit, where it is known whose sign-in it was.</summary>
    private static void Keep(AuditTrail audit, SignInOutcome.Refused refused)
    {
        if (refused.Who is { } who)
        {
            audit.Add(who, AuditTrail.SessionDenied, "console", refused.Fault == SignInFault.Claim ? "no_groups_claim" : "no_mapped_group");
        }
    }

    /// <summary>Where the provider sends the browser back to; it knows the address, and takes no other.</summary>
    private static Uri At(HttpContext context, ConsoleOptions console, string path) =>
        new(new Uri(console.PublicUrl is { Length: > 0 } url ? url : $"{context.Request.Scheme}://{context.Request.Host}"), path);

    private static RedirectHttpResult Back(SignInFault fault, string returnTo) =>
        TypedResults.Redirect($"{SignInPage}?error={fault.ToString().ToLowerInvariant()}{(returnTo == "/" ? "" : $"&return={Uri.EscapeDataString(returnTo)}")}");

    /// <summary>Where the person wanted to go, as a header can have it, where that is a page of the console.</summary>
    private static string ReturnTo(string? path)
    {
        if (!IsOfTheConsole(path))
        {
            return "/";
        }

        var escaped = string.Concat($"{path}".EnumerateRunes().Select(letter => letter.IsAscii && letter.Value != ' ' ? letter.ToString() : Uri.EscapeDataString(letter.ToString())));
        return escaped.Length <= LongestReturn ? escaped : "/";
    }

    /// <summary>A path of ours: <c>//host</c> and <c>/\host</c> would lead to another site.</summary>
    private static bool IsOfTheConsole(string? path) =>
        path is ['/', ..] && path is not ['/', '/' or '\\', ..] && !path.StartsWith(SignInPage, StringComparison.Ordinal) && !path.StartsWith("/api/", StringComparison.Ordinal) && !path.Any(char.IsControl);
}
