using AiFactory.ServiceDefaults.Telemetry.Prometheus;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Logs;

namespace AiFactory.ServiceDefaults.Telemetry;

internal static class TelemetryExtensions
{
    public const string MetricsPath = "/metrics";

    public static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        // What OpenTelemetry asks of a server's span, ServerSpan writes.
        AppContext.SetSwitch("Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData", isEnabled: true);
        builder.Services.AddSingleton<OtlpSettings>();
        builder.Services.AddSingleton<PrometheusExporter>();
        builder.Services.AddSingleton(TelemetryProviders.CreateTracer);
        builder.Services.AddSingleton(TelemetryProviders.CreateMeter);
        // First of the hosted services: it starts first and stops last.
        builder.Services.Insert(0, ServiceDescriptor.Singleton<IHostedService, TelemetryHost>());
        AddLogs(builder);
    }

    public static void MapMetrics(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(MetricsPath, GetMetrics).AllowAnonymous().ExcludeFromDescription();
        routes.MapGet($"{MetricsPath}/vllm", GetVllmMetrics).AllowAnonymous().ExcludeFromDescription();
    }

    private static Task GetMetrics(PrometheusExporter exporter, HttpContext context, CancellationToken cancellationToken) =>
        WriteAsync(exporter, PrometheusDialect.Own, context, cancellationToken);

    private static Task GetVllmMetrics(PrometheusExporter exporter, HttpContext context, CancellationToken cancellationToken) =>
        WriteAsync(exporter, PrometheusDialect.Vllm, context, cancellationToken);

    private static async Task WriteAsync(PrometheusExporter exporter, PrometheusDialect dialect, HttpContext context, CancellationToken cancellationToken)
    {
        var text = await exporter.CollectAsync(dialect, cancellationToken);
        context.Response.ContentType = PrometheusText.ContentType;
        context.Response.ContentLength = text.Length;
        await context.Response.Body.WriteAsync(text, cancellationToken);
    }

    private static void AddLogs(IHostApplicationBuilder builder)
    {
        var otlp = new OtlpSettings(builder.Configuration);
        if (!otlp.Logs)
        {
            return;
        }

        builder.Logging.AddOpenTelemetry(options =>
        {
            options.IncludeFormattedMessage = true;
            options.IncludeScopes = true;
            options.SetResourceBuilder(TelemetryProviders.Resource(builder.Configuration, builder.Environment));
            options.AddOtlpExporter(exporter => otlp.ApplyDefaults(exporter, "LOGS"));
        });
    }
}
