using Microsoft.Extensions.Options;

namespace AiFactory.Builder.Secrets;

internal static class SecretsExtensions
{
    internal static WebApplicationBuilder AddSecrets(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<SecretOptions>().BindConfiguration(SecretOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<SecretOptions>, SecretOptionsValidator>().AddSingleton<SecretVault>();
        return builder;
    }
}
