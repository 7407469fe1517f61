using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using AiFactory.ServiceDefaults.Telemetry.Prometheus;

namespace AiFactory.ServiceDefaults.Telemetry;

/// <summary>Builds OpenTelemetry's providers. Without an endpoint nothing listens to spans, so that they cost nothing; metrics are always collected, for <c>/metrics</c>.</summary>
internal static class TelemetryProviders
{
    private static readonly string[] Sources = ["Microsoft.AspNetCore", "System.Net.Http", "Npgsql"];

    private static readonly string[] Meters =
    [
        "System.Runtime",
        "System.Net.Http",
        "Microsoft.AspNetCore.Hosting",
        "Microsoft.AspNetCore.Routing",
        "Microsoft.AspNetCore.Diagnostics",
        "Microsoft.AspNetCore.RateLimiting",
        "Microsoft.AspNetCore.Server.Kestrel",
        "Npgsql",
    ];

    /// <summary>Whose instruments have few series each, however much they see: OpenTelemetry makes room for 2,000 of each at once (README.md has what that weighs).</summary>
    private static readonly string[] NarrowMeters =
    [
        "System.Runtime",
        "Microsoft.AspNetCore.Diagnostics",
        "Microsoft.AspNetCore.RateLimiting",
        "Microsoft.AspNetCore.Server.Kestrel",
        "Npgsql",
    ];

    /// <summary>Of each of their instruments; what is beyond goes together in one, <c>otel_metric_overflow</c>.</summary>
    private const int NarrowSeries = 100;

    public static TracerProvider CreateTracer(IServiceProvider services)
    {
        var otlp = services.GetRequiredService<OtlpSettings>();
        var builder = Sdk.CreateTracerProviderBuilder();
        if (otlp.Traces)
        {
            builder
                .ConfigureServices(own => own.AddSingleton(services.GetRequiredService<IConfiguration>()))
                .SetResourceBuilder(Resource(services))
                .SetSampler(new BackgroundSampler(SamplerSettings.Read(services.GetRequiredService<IConfiguration>())))
                .AddSource([.. Sources, .. Own(services)])
                .AddOtlpExporter(options => otlp.ApplyDefaults(options, "TRACES"));
        }

        return builder.Build();
    }

    public static MeterProvider CreateMeter(IServiceProvider services)
    {
        var otlp = services.GetRequiredService<OtlpSettings>();
        var builder = Sdk.CreateMeterProviderBuilder()
            .ConfigureServices(own => own.AddSingleton(services.GetRequiredService<IConfiguration>()))
            .SetResourceBuilder(Resource(services))
            .AddMeter([.. Meters, .. Own(services)])
            .AddView(instrument => NarrowMeters.Contains(instrument.Meter.Name) ? new MetricStreamConfiguration { CardinalityLimit = NarrowSeries } : null)
            .AddReader(services.GetRequiredService<PrometheusExporter>().Reader);
        if (otlp.Metrics)
        {
            builder.AddOtlpExporter(options => otlp.ApplyDefaults(options, "METRICS"));
        }

        return builder.Build();
    }

    /// <summary>OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES, else the application's name and a new instance id.</summary>
    public static ResourceBuilder Resource(IConfiguration configuration, IHostEnvironment environment)
    {
        // Without the default, which is the name of the process.
        var resource = ResourceBuilder.CreateEmpty().AddTelemetrySdk().AddEnvironmentVariableDetector();
        var isNamed = !string.IsNullOrEmpty(configuration["OTEL_SERVICE_NAME"])
            || configuration["OTEL_RESOURCE_ATTRIBUTES"]?.Contains("service.name=", StringComparison.Ordinal) is true;
        return isNamed ? resource : resource.AddService(environment.ApplicationName);
    }

    private static ResourceBuilder Resource(IServiceProvider services) =>
        Resource(services.GetRequiredService<IConfiguration>(), services.GetRequiredService<IHostEnvironment>());

    private static IEnumerable<string> Own(IServiceProvider services) => services.GetServices<TelemetrySource>().Select(source => source.Name);
}
