using Microsoft.AspNetCore.Authentication;

namespace AiFactory.Gateway.Authentication;

internal static class AuthenticationExtensions
{
    public static IServiceCollection AddGatewayAuthentication(this IServiceCollection services)
    {
        services.AddSingleton<CallerAuthenticator>();
        // Beside AddInternalIdentity, which has what schemes need.
        services.Configure<AuthenticationOptions>(options => options.DefaultScheme = GatewayAuthenticationHandler.SchemeName);
        new AuthenticationBuilder(services)
            .AddScheme<AuthenticationSchemeOptions, GatewayAuthenticationHandler>(GatewayAuthenticationHandler.SchemeName, null);
        return services;
    }
}
