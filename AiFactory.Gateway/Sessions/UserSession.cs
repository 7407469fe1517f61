namespace AiFactory.Gateway.Sessions;

/// <summary>A session that the identity provider vouched for, as its cookie holds it.</summary>
/// <param name="Issuer">With another provider it ends.</param>
/// <param name="Groups">Those that mean something here; what they may do, the settings say at each request.</param>
/// <param name="ExpiresAt">With the token that began or renewed it, in seconds since 1970.</param>
/// <param name="EndsAt">However often it is renewed.</param>
internal sealed record UserSession(string Issuer, string Subject, string? Name, IReadOnlyList<string> Groups, long ExpiresAt, long EndsAt)
{
    /// <summary>Begins the cookie's value; no identity token begins so.</summary>
    public const string Mark = "o.";

    public const string Purpose = "session";
}

/// <summary>What renews a session, in a cookie that goes to the session's own routes alone.</summary>
internal sealed record RenewalTicket(string RefreshToken, UserSession Session)
{
    public const string Purpose = "renewal";
}

/// <summary>A sign-in on its way: what the browser must bring back from the provider.</summary>
/// <param name="State">Comes back in the address: whoever is sent here with another's code has another.</param>
/// <param name="Nonce">Comes back in the ID token.</param>
/// <param name="Verifier">Of which the provider saw the hash (RFC 7636): the code is worth nothing without it.</param>
/// <param name="ReturnTo">A path of the console.</param>
internal sealed record SignInTicket(string State, string Nonce, string Verifier, string ReturnTo, long ExpiresAt)
{
    public const string Purpose = "sign-in";
}
