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
        services.AddAuthentication(InternalIdentityDefaults.Scheme)
            .AddScheme<AuthenticationSchemeOptions, InternalIdentityHandler>(InternalIdentityDefaults.Scheme, null);
        services.AddAuthorizationBuilder()
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().AddRequirements(new UndeclaredRouteRequirement()).Build());
        services.AddSingleton<IAuthorizationHandler, PermissionHandler>();
        return services;
    }
}
