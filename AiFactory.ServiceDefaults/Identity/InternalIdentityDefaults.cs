namespace AiFactory.ServiceDefaults.Identity;

public static class InternalIdentityDefaults
{
    /// <summary>The authentication scheme of services: <c>Authorization: Bearer</c> with a token of <see cref="IdentityTokens"/>. It is the default scheme.</summary>
    public const string Scheme = "InternalIdentity";
}
