using AiFactory.Gateway.Oidc;

namespace AiFactory.Gateway.Sessions;

/// <summary>Writes the cookies of a session that the identity provider vouched for, and reads what renews it.</summary>
internal sealed partial class SessionWriter(CookieSeal seal, SessionCookie cookies, OidcUsers users, TimeProvider time, ILogger<SessionWriter> logger)
{
    public SessionResponse Write(HttpContext context, SignInOutcome.Done done)
    {
        var (session, now) = (done.Session, time.GetUtcNow());
        cookies.Write(context, UserSession.Mark + seal.Seal(UserSession.Purpose, session, SessionJson.Default.UserSession), DateTimeOffset.FromUnixTimeSeconds(session.ExpiresAt) - now);
        var renewable = false;
        if (done.RefreshToken is { } token)
        {
            var ticket = seal.Seal(RenewalTicket.Purpose, new RenewalTicket(token, session), SessionJson.Default.RenewalTicket);
            renewable = cookies.WriteRenewal(context, ticket, DateTimeOffset.FromUnixTimeSeconds(session.EndsAt) - now);
            if (!renewable)
            {
                LogTooLarge(logger, ticket.Length);
            }
        }

        return SessionResponse.Of(done.Identity, users.UserOf(session), renewable);
    }

    public RenewalTicket? TicketOf(HttpContext context) =>
        context.Request.Cookies[SessionCookie.Renewal] is { } cookie ? seal.Open(RenewalTicket.Purpose, cookie, SessionJson.Default.RenewalTicket) : null;

    [LoggerMessage(1904, LogLevel.Warning, "The identity provider's refresh token makes a cookie of {Length} characters, which no browser keeps: sessions end with their first token")]
    private static partial void LogTooLarge(ILogger logger, int length);
}
