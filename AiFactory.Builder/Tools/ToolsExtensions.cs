using AiFactory.Builder.Tools.Http;
using Microsoft.Extensions.Options;

namespace AiFactory.Builder.Tools;

internal static class ToolsExtensions
{
    internal static WebApplicationBuilder AddTools(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptionsWithValidateOnStart<OutboundOptions>().BindConfiguration(OutboundOptions.Section).ValidateDataAnnotations();
        builder.Services.AddSingleton(services => services.GetRequiredService<IOptions<OutboundOptions>>().Value.Connector()).AddSingleton<OutboundHttp>();
        builder.Services.AddSingleton<ToolStore>().AddSingleton<ToolService>();
        return builder;
    }

    internal static WebApplication MapTools(this WebApplication app)
    {
        ToolEndpoints.Map(app);
        return app;
    }
}
