using Microsoft.AspNetCore.Http;

namespace AiFactory.ServiceDefaults.Identity;

public static class HttpContextIdentityExtensions
{
    /// <summary>The verified caller of a route that requires a permission.</summary>
    /// <exception cref="InvalidOperationException">The route let an anonymous caller in: use <see cref="TryGetIdentity"/> there.</exception>
    public static InternalIdentity GetIdentity(this HttpContext context) =>
        context.TryGetIdentity()
        ?? throw new InvalidOperationException($"The route {context.Request.Path} asks for the caller's identity but lets anonymous callers in.");

    /// <summary>The verified caller, or null when the caller is anonymous.</summary>
    public static InternalIdentity? TryGetIdentity(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        foreach (var identity in context.User.Identities)
        {
            if (identity is InternalClaimsIdentity { Identity: var found })
            {
                return found;
            }
        }

        return null;
    }
}
