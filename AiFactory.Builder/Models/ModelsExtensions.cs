using AiFactory.ServiceDefaults;

namespace AiFactory.Builder.Models;

internal static class ModelsExtensions
{
    internal static WebApplicationBuilder AddModels(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptionsWithValidateOnStart<ModelOptions>().BindConfiguration("Models").ValidateDataAnnotations();
        builder.Services.AddSingleton<ModelGateway>();

        // Each call is made once: the gateway itself fails over between replicas, and a step or a document has its own retries.
        builder.Services.AddServiceClient(ModelGateway.Client)
            .ConfigureResilience(options => options.Enabled = false)
            .ConfigureHttpClient(client => client.Timeout = Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseCookies = false,
                UseProxy = false,
                ConnectTimeout = TimeSpan.FromSeconds(5),
            });
        return builder;
    }
}
