using AiFactory.ServiceDefaults.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AiFactory.ServiceDefaults;

public static class TelemetrySourcesExtensions
{
    /// <summary>Collects the spans of the <c>ActivitySource</c> and the instruments of the <c>Meter</c> with these names.</summary>
    public static TBuilder AddTelemetrySources<TBuilder>(this TBuilder builder, params IEnumerable<string> names)
        where TBuilder : IHostApplicationBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        foreach (var name in names)
        {
            builder.Services.AddSingleton(new TelemetrySource(name));
        }

        return builder;
    }
}
