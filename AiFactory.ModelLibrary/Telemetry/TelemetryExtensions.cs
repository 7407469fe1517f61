using AiFactory.ServiceDefaults;

namespace AiFactory.ModelLibrary.Telemetry;

internal static class TelemetryExtensions
{
    internal static WebApplicationBuilder AddLibraryTelemetry(this WebApplicationBuilder builder)
    {
        builder.AddTelemetrySources(LibraryTelemetry.Name);
        builder.Services.AddSingleton<LibraryTelemetry>().AddSingleton<StateCounter>().AddHostedService(services => services.GetRequiredService<StateCounter>());
        return builder;
    }
}
