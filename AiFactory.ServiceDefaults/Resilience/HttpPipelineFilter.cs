using AiFactory.ServiceDefaults.Discovery;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Options;

namespace AiFactory.ServiceDefaults.Resilience;

/// <summary>Gives every client of the factory its handlers: resilience outermost, discovery innermost, so that each attempt may go to another address.</summary>
internal sealed class HttpPipelineFilter(IOptionsMonitor<ResilienceOptions> options) : IHttpMessageHandlerBuilderFilter
{
    public Action<HttpMessageHandlerBuilder> Configure(Action<HttpMessageHandlerBuilder> next) => builder =>
    {
        next(builder);
        var name = builder.Name ?? Options.DefaultName;
        if (options.Get(name).Enabled)
        {
            builder.AdditionalHandlers.Insert(0, new ResilienceHandler(name, builder.Services.GetRequiredService<ResiliencePipelines>()));
        }

        builder.AdditionalHandlers.Add(builder.Services.GetRequiredService<ServiceDiscoveryHandler>());
    };
}
