using AiFactory.ServiceDefaults.Secrets;
using Microsoft.Extensions.Options;

namespace AiFactory.ModelLibrary.Upstreams;

internal static class UpstreamsExtensions
{
    internal static WebApplicationBuilder AddUpstreams(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptionsWithValidateOnStart<UpstreamsOptions>().BindConfiguration(UpstreamsOptions.Section).ValidateDataAnnotations();
        builder.Services
            .AddSingleton<IValidateOptions<UpstreamsOptions>, UpstreamsOptionsValidator>()
            .AddCredentialSeal()
            .AddSingleton<UpstreamHosts>()
            .AddSingleton<ShownHeaders>()
            .AddSingleton<UpstreamStore>()
            .AddSingleton<UpstreamService>()
            .AddSingleton<UpstreamTester>()
            .AddHostedService<CredentialReseal>();
        return builder;
    }

    internal static WebApplication MapUpstreams(this WebApplication app)
    {
        UpstreamEndpoints.Map(app);
        return app;
    }
}
