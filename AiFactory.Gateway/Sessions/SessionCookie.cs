using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Sessions;

/// <summary>The console's cookies: what only a browser's own requests from our own pages carry.</summary>
internal sealed class SessionCookie(IOptions<ConsoleOptions> options)
{
    public const string Name = "aifactory_session";

    /// <summary>What renews the session, for its own routes alone.</summary>
    public const string Renewal = "aifactory_renewal";

    /// <summary>A sign-in on its way. It comes back from the provider's pages, which the browser takes for another site's request: the one cookie that is not strict.</summary>
    public const string SignIn = "aifactory_signin";

    private const string SessionPath = "/api/session";

    /// <summary>Browsers keep none that is larger, its name and attributes included.</summary>
    private const int Largest = 3_900;

    public void Write(HttpContext context, string token, TimeSpan lifetime) => context.Response.Cookies.Append(Name, token, Options(context, "/", lifetime));

    /// <summary>In place of any that the browser has: also of one that the request does not show, for the provider's pages lead here without our strict cookies.</summary>
    /// <param name="value">Null where nothing renews the session.</param>
    /// <returns>False where there is none now, or one that no browser would keep.</returns>
    public bool WriteRenewal(HttpContext context, string? value, TimeSpan lifetime)
    {
        if (value is null || value.Length > Largest)
        {
            context.Response.Cookies.Delete(Renewal, Options(context, SessionPath, null));
            return false;
        }

        context.Response.Cookies.Append(Renewal, value, Options(context, SessionPath, lifetime));
        return true;
    }

    public void WriteSignIn(HttpContext context, string value, TimeSpan lifetime)
    {
        var cookie = Options(context, SessionPath, lifetime);
        cookie.SameSite = SameSiteMode.Lax;
        context.Response.Cookies.Append(SignIn, value, cookie);
    }

    public void Delete(HttpContext context)
    {
        context.Response.Cookies.Delete(Name, Options(context, "/", null));
        DeleteRenewal(context);
    }

    /// <summary>Where the request shows one, as each of our own pages' does.</summary>
    public void DeleteRenewal(HttpContext context)
    {
        if (context.Request.Cookies.ContainsKey(Renewal))
        {
            context.Response.Cookies.Delete(Renewal, Options(context, SessionPath, null));
        }
    }

    public void DeleteSignIn(HttpContext context) => context.Response.Cookies.Delete(SignIn, Options(context, SessionPath, null));

    private CookieOptions Options(HttpContext context, string path, TimeSpan? lifetime) => new()
    {
        HttpOnly = true,
        IsEssential = true,
        MaxAge = lifetime,
        Path = path,
        SameSite = SameSiteMode.Strict,
        Secure = context.Request.IsHttps || options.Value.PublicUrl?.StartsWith(Uri.UriSchemeHttps, StringComparison.OrdinalIgnoreCase) == true,
    };
}
