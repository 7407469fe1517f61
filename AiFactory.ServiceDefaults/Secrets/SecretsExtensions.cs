using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AiFactory.ServiceDefaults.Secrets;

public static class SecretsExtensions
{
    /// <summary>For services that keep credentials, or use them.</summary>
    public static IServiceCollection AddCredentialSeal(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<SecretsOptions>().BindConfiguration(SecretsOptions.Section).ValidateDataAnnotations();
        services.TryAddSingleton<CredentialSeal>();
        return services;
    }
}
