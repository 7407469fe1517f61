using System.Reflection;
using AiFactory.ServiceDefaults;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Serving;

internal static class ServingExtensions
{
    /// <summary>Limits of Kestrel, and a stop that lets requests end.</summary>
    public static IServiceCollection AddServing(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<ServingOptions>().BindConfiguration(ServingOptions.Section).ValidateDataAnnotations();
        services.AddHostedService<DrainDelay>();
        if (Assembly.GetEntryAssembly() == typeof(ServingExtensions).Assembly)
        {
            // A process that hosts a gateway beside other things, as tests do, has its own memory to care for.
            services.AddHostedService<QuietTrim>();
        }

        services.AddBodyLimit<ServingOptions>($"{ServingOptions.Section}:{nameof(ServingOptions.MaxRequestBodyBytes)}", serving => serving.MaxRequestBodyBytes);
        services.AddOptions<KestrelServerOptions>().Configure<IOptions<ServingOptions>>((kestrel, serving) =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MinResponseDataRate = new MinDataRate(serving.Value.SlowClientBytesPerSecond, serving.Value.SlowClientGrace);
        });
        services.AddOptions<HostOptions>().Configure<IOptions<ServingOptions>>((host, serving) =>
            host.ShutdownTimeout = serving.Value.DrainDelay + serving.Value.DrainTime);
        return services;
    }
}
