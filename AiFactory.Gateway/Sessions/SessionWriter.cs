using AiFactory.Gateway.Oidc;

namespace AiFactory.Gateway.Sessions;

/// <summary>Writes the cookies of a session that the identity provider vouched for, and reads what renews it.</summary>
internal sealed partial class SessionWriter(CookieSeal seal, SessionCookie cookies, OidcUsers users, TimeProvider time, ILogger<SessionWriter> logger)
{
    public SessionResponse Write(HttpContext context, SignInOutcome.Done done)
    {
        var (session, now) = (done.Session, time.GetUtcNow());
        cookies.Write(context, UserSession.Mark + seal.Seal(UserSession.Purpose, session, SessionJson.Default.UserSession), DateTimeOffset.FromUnixTimeSeconds(session.ExpiresAt) - now);
        var ticket = done.RefreshToken is { } token ? seal.Seal(RenewalTicket.Purpose, new RenewalTicket(token, session), SessionJson.Default.RenewalTicket) : null;
        var renewable = cookies.WriteRenewal(context, ticket, DateTimeOffset.FromUnixTimeSeconds(session.EndsAt) - now);
        if (ticket is not null && !renewable)
        {
            LogTooLarge(logger, ticket.Length);
        }

        return SessionResponse.Of(done.Identity, users.UserOf(session), renewable);
    }

    /// <summary>What renews the session that the browser has, or had; null where that is another person's than the ticket's: nobody goes on as whoever used the browser before.</summary>
    public RenewalTicket? OwnTicketOf(HttpContext context) =>
        TicketOf(context) is { } ticket && (context.Request.Cookies[SessionCookie.Name] is not { } cookie || SubjectOf(cookie) == ticket.Session.Subject) ? ticket : null;

    public RenewalTicket? TicketOf(HttpContext context) =>
        context.Request.Cookies[SessionCookie.Renewal] is { } cookie ? seal.Open(RenewalTicket.Purpose, cookie, SessionJson.Default.RenewalTicket) : null;

    /// <summary>Also where it is over. Null for a session that a key or the link began.</summary>
    private string? SubjectOf(string cookie) => cookie.StartsWith(UserSession.Mark, StringComparison.Ordinal)
        ? seal.Open(UserSession.Purpose, cookie[UserSession.Mark.Length..], SessionJson.Default.UserSession)?.Subject
        : null;

    [LoggerMessage(1904, LogLevel.Warning, "The identity provider's refresh token makes a cookie of {Length} characters, which no browser keeps: sessions end with their first token")]
    private static partial void LogTooLarge(ILogger logger, int length);
}
