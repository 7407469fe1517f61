using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Options;

namespace AiFactory.ServiceDefaults.Resilience;

internal static class ResilienceExtensions
{
    public static IServiceCollection AddHttpResilience(this IServiceCollection services)
    {
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ResilienceOptions>, ResilienceOptionsValidator>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<ResilienceOptions>, ResilienceSettings>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHttpMessageHandlerBuilderFilter, HttpPipelineFilter>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<HttpClientFactoryOptions>, HttpClientTimeout>());
        services.TryAddSingleton<ResiliencePipelines>();
        // Each call is a span already: HttpClientFactory's four log lines for each say nothing more.
        services.ConfigureHttpClientDefaults(client => client.RemoveAllLoggers());
        return services;
    }

    private sealed class ResilienceSettings(IConfiguration configuration) : IPostConfigureOptions<ResilienceOptions>
    {
        public void PostConfigure(string? name, ResilienceOptions options)
        {
            if (!string.IsNullOrEmpty(name))
            {
                configuration.GetSection($"HttpClients:{name}").Bind(options);
            }
        }
    }
}
