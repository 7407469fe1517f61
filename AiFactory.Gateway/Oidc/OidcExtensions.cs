using AiFactory.ServiceDefaults;
using AiFactory.ServiceDefaults.Health;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Oidc;

internal static class OidcExtensions
{
    private const int LargestAnswer = 1 << 20;

    public static IServiceCollection AddOidc(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptionsWithValidateOnStart<OidcOptions>().BindConfiguration(OidcOptions.Section).ValidateDataAnnotations();
        services.AddSingleton<IValidateOptions<OidcOptions>, OidcOptionsValidator>();
        services.AddSingleton<OidcProvider>();
        services.AddSingleton<ProviderClient>();
        services.AddSingleton<TokenVerifier>();
        services.AddSingleton<GroupMap>();
        services.AddSingleton<OidcUsers>();
        services.AddHttpClient(OidcProvider.Client, client => client.MaxResponseContentBufferSize = LargestAnswer)
            .ConfigureResilience(options => options.Enabled = false)
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
        if (IsConfigured(configuration))
        {
            services.AddHostedService<OidcKeyWorker>();
            services.AddHealthChecks().AddCheck<OidcReadiness>(OidcReadiness.Name, tags: [HealthTags.Ready]);
        }

        return services;
    }

    /// <summary>Before the other middleware; without a provider there is nothing.</summary>
    public static void UseOidc(this WebApplication app)
    {
        if (IsConfigured(app.Configuration))
        {
            app.UseMiddleware<OidcKeyMiddleware>();
        }
    }

    private static bool IsConfigured(IConfiguration configuration) => !string.IsNullOrEmpty(configuration[$"{OidcOptions.Section}:{nameof(OidcOptions.Authority)}"]);
}
