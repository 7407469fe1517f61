using AiFactory.AppHost.Kubernetes;
using Microsoft.Extensions.Configuration;

namespace AiFactory.AppHost;

internal static class IdentityProviderExtensions
{
    private const string Section = "Oidc";
    private const string Secret = $"{Section}:ClientSecret";
    private const string SecretParameter = "oidc-client-secret";
    private const string PublicUrl = "Console:PublicUrl";

    /// <summary>
    /// Lets people sign in at an identity provider: gives the gateway what the AppHost's configuration says under <c>Oidc</c>, by the same names, and <c>Console:PublicUrl</c>; nothing
    /// where that is silent. A published chart takes them from its values.
    /// </summary>
    public static IResourceBuilder<ProjectResource> WithIdentityProvider(this IResourceBuilder<ProjectResource> gateway)
    {
        var builder = gateway.ApplicationBuilder;
        if (builder.ExecutionContext.IsPublishMode)
        {
            return gateway.WithAnnotation(new IdentityProviderAnnotation());
        }

        var settings = builder.Configuration.GetSection(Section).AsEnumerable().Append(KeyValuePair.Create(PublicUrl, builder.Configuration[PublicUrl]));
        foreach (var (name, value) in settings.Where(setting => !string.IsNullOrEmpty(setting.Value)))
        {
            // Every process that the AppHost starts would have it in its environment, those that run what tenants made among them.
            if (string.Equals(name, Secret, StringComparison.OrdinalIgnoreCase))
            {
                throw new DistributedApplicationException($"{Secret} is a secret: give it to the AppHost as Parameters__{SecretParameter.Replace('-', '_')}, which only the gateway is told.");
            }

            gateway.WithEnvironment(name.Replace(":", "__", StringComparison.Ordinal), value);
        }

        // Empty for a public client.
        return builder.Configuration[$"{Section}:ClientId"] is { Length: > 0 }
            ? gateway.WithEnvironment($"{Section}__ClientSecret", builder.AddParameter(SecretParameter, new ConstantDefault(""), secret: true))
            : gateway;
    }

    /// <summary>Where the identity provider sends people back to, which it must know; null where nobody signs in at one.</summary>
    public static string? SignInCallback(this IConfiguration configuration, string address) => configuration[$"{Section}:ClientId"] is { Length: > 0 }
        ? $"{(configuration[PublicUrl] is { Length: > 0 } url ? url : address).TrimEnd('/')}/api/session/oidc/callback"
        : null;
}
