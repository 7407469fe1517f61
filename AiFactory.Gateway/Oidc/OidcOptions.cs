using System.ComponentModel.DataAnnotations;

namespace AiFactory.Gateway.Oidc;

/// <summary>The settings under <c>Oidc</c>: the identity provider whose users may call. Without an authority there is none.</summary>
internal sealed class OidcOptions
{
    public const string Section = "Oidc";

    /// <summary>The provider's issuer, as <c>https://login.example.com/realms/company</c>; its document is found below it (OpenID Connect Discovery 1.0, section 4).</summary>
    public string? Authority { get; set; }

    /// <summary>Whom a bearer token must be for (its <c>aud</c>).</summary>
    public string? Audience { get; set; }

    /// <summary>The claim that names the user's groups: a name, or a path as <c>realm_access.roles</c>.</summary>
    [Required(ErrorMessage = "Oidc:GroupsClaim is empty. It is the claim of a token that names its user's groups.")]
    public string GroupsClaim { get; set; } = "groups";

    /// <summary>What each group may do, and where.</summary>
    public IList<OidcGroup> Groups { get; set; } = [];

    /// <summary>The console's client at the provider; with it people sign in there. Its ID tokens are for this client, as the bearer tokens are for <see cref="Audience"/>.</summary>
    public string? ClientId { get; set; }

    /// <summary>None for a public client: the code is bound to the browser by PKCE either way.</summary>
    public string? ClientSecret { get; set; }

    /// <summary>What the button says: "Sign in with ...".</summary>
    [StringLength(60, ErrorMessage = "Oidc:Name is longer than 60 characters.")]
    public string Name { get; set; } = "single sign-on";

    /// <summary>What is asked for, with spaces between. Some providers give a refresh token for <c>offline_access</c> only, or groups for a scope of their own.</summary>
    public string Scope { get; set; } = "openid profile email";

    /// <summary>By how much the provider's clock and ours may differ.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00", ErrorMessage = "Oidc:ClockSkew must lie between nothing and 5 minutes.")]
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>After which the provider's keys are asked for anew, though no token is signed with an unknown one: that ends the tokens of a key that was withdrawn.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00", ErrorMessage = "Oidc:RefreshInterval must lie between 10 seconds and one day.")]
    public TimeSpan RefreshInterval { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Between two questions that tokens with an unknown key give rise to: anybody can make such a token.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00", ErrorMessage = "Oidc:UnknownKeyInterval must lie between one second and 10 minutes.")]
    public TimeSpan UnknownKeyInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>For one question to the provider.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00", ErrorMessage = "Oidc:Timeout must lie between 0.1 s and one minute.")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);
}
