using AiFactory.ServiceDefaults;

namespace AiFactory.Gateway.Telemetry;

internal static class TelemetryExtensions
{
    public static WebApplicationBuilder AddGatewayTelemetry(this WebApplicationBuilder builder)
    {
        builder.AddTelemetrySources(GatewayTelemetry.Name);
        builder.Services.AddSingleton<GatewayTelemetry>();
        return builder;
    }
}
