using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace AiFactory.ServiceDefaults.Identity;

internal static class IdentityExtensions
{
    public static IServiceCollection AddInternalIdentity(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<IdentityOptions>().BindConfiguration(IdentityOptions.Section).ValidateDataAnnotations();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IdentityTokens>();

        // Not AddAuthentication, which brings data protection too: a ring of keys, read or made when the service starts, with which nothing here is protected.
        services.AddAuthenticationCore(options => options.DefaultScheme = InternalIdentityDefaults.Scheme);
        services.TryAddSingleton(UrlEncoder.Default);
        new AuthenticationBuilder(services).AddScheme<AuthenticationSchemeOptions, InternalIdentityHandler>(InternalIdentityDefaults.Scheme, null);
        services.AddAuthorizationBuilder()
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().AddRequirements(new UndeclaredRouteRequirement()).Build());
        services.AddSingleton<IAuthorizationHandler, PermissionHandler>();
        return services;
    }
}
