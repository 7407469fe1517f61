using Microsoft.Extensions.Hosting;

namespace AiFactory.Hosting.Orchestration;

/// <summary>The variables of OpenTelemetry's SDKs, https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/.</summary>
internal sealed class TelemetryEnvironment(ITelemetryTarget target, IHostEnvironment environment)
{
    /// <summary>The dashboard joins telemetry with the replica <c>{service.name}-{service.instance.id}</c>.</summary>
    public async ValueTask<IReadOnlyDictionary<string, string>> OfAsync(string service, string instance, CancellationToken cancellationToken)
    {
        var variables = new Dictionary<string, string>();
        if (await target.GetAsync(cancellationToken) is not { } endpoint)
        {
            return variables;
        }

        variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint.Endpoint.ToString().TrimEnd('/');
        variables["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
        variables["OTEL_SERVICE_NAME"] = service;
        variables["OTEL_RESOURCE_ATTRIBUTES"] = $"service.instance.id={instance}";
        if (endpoint.ApiKey is { } key)
        {
            variables["OTEL_EXPORTER_OTLP_HEADERS"] = $"x-otlp-api-key={key}";
        }

        if (environment.IsDevelopment())
        {
            // So that a request is on the dashboard a second after it was made.
            variables["OTEL_BLRP_SCHEDULE_DELAY"] = "1000";
            variables["OTEL_BSP_SCHEDULE_DELAY"] = "1000";
            variables["OTEL_METRIC_EXPORT_INTERVAL"] = "1000";
            variables["OTEL_TRACES_SAMPLER"] = "always_on";
            variables["OTEL_METRICS_EXEMPLAR_FILTER"] = "trace_based";
        }

        return variables;
    }
}
