using AiFactory.ServiceDefaults;

namespace AiFactory.Builder.Telemetry;

internal static class TelemetryExtensions
{
    internal static WebApplicationBuilder AddBuilderTelemetry(this WebApplicationBuilder builder)
    {
        builder.AddTelemetrySources(BuilderTelemetry.Name);
        builder.Services.AddSingleton<BuilderTelemetry>();
        return builder;
    }
}
