using AiFactory.Gateway.Metering;

namespace AiFactory.Gateway.Variants;

internal static class VariantsExtensions
{
    public static WebApplicationBuilder AddVariants(this WebApplicationBuilder builder)
    {
        if (UsageOutbox.IsEnabled(builder.Configuration))
        {
            builder.Services.AddSingleton<VariantStore>().AddSingleton<VariantService>();
        }

        return builder;
    }

    public static void MapVariants(this WebApplication app)
    {
        if (UsageOutbox.IsEnabled(app.Configuration))
        {
            VariantEndpoints.Map(app);
        }
    }
}
