using System.Security.Claims;

namespace AiFactory.ServiceDefaults.Identity;

/// <summary>An <see cref="InternalIdentity"/> as ASP.NET Core carries it. The gateway makes one from an API key, services from a token.</summary>
public sealed class InternalClaimsIdentity : ClaimsIdentity
{
    /// <param name="authenticationType">The scheme that established it; must not be empty, else the caller counts as anonymous.</param>
    public InternalClaimsIdentity(InternalIdentity identity, string authenticationType)
        : base(authenticationType)
    {
        ArgumentNullException.ThrowIfNull(identity);
        ArgumentException.ThrowIfNullOrEmpty(authenticationType);
        Identity = identity;
        AddClaim(new Claim(DefaultNameClaimType, identity.Subject));
    }

    public InternalIdentity Identity { get; }

    public ClaimsPrincipal ToPrincipal() => new(this);
}
