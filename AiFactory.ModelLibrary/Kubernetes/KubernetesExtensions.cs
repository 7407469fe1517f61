using AiFactory.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace AiFactory.ModelLibrary.Kubernetes;

internal static class KubernetesExtensions
{
    /// <summary>The API of the cluster that the library runs in.</summary>
    internal static WebApplicationBuilder AddKubernetes(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptionsWithValidateOnStart<KubernetesOptions>().BindConfiguration("Kubernetes").ValidateDataAnnotations();
        builder.Services
            .AddSingleton<IPostConfigureOptions<KubernetesOptions>, KubernetesOptionsDefaults>()
            .AddSingleton<IValidateOptions<KubernetesOptions>, KubernetesOptionsValidator>()
            .AddTransient<ServiceAccountHandler>()
            .AddSingleton<KubernetesApi>();

        // No retries below the writer, which leaves a server alone that says 429, and comes back with what is wanted by then.
        builder.Services.AddHttpClient(KubernetesApi.ClientName)
            .ConfigureResilience(resilience => resilience.Enabled = false)
            .ConfigureHttpClient((services, client) =>
            {
                var options = services.GetRequiredService<IOptions<KubernetesOptions>>().Value;
                client.BaseAddress = options.Server;
                client.Timeout = options.Timeout;
            })
            .AddHttpMessageHandler<ServiceAccountHandler>()
            .ConfigurePrimaryHttpMessageHandler(services => ServiceAccountHandler.Connect(services.GetRequiredService<IOptions<KubernetesOptions>>().Value));
        return builder;
    }
}
