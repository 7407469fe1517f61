using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace AiFactory.ServiceDefaults.Secrets;

public static class SecretsExtensions
{
    /// <summary>For services that keep credentials, or use them.</summary>
    public static IServiceCollection AddCredentialSeal(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<SecretsOptions>().BindConfiguration(SecretsOptions.Section).ValidateDataAnnotations();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SecretsOptions>, SecretsOptionsValidator>());
        services.TryAddSingleton<CredentialSeal>();
        return services;
    }
}
