using Microsoft.Extensions.Configuration;
using OpenTelemetry.Exporter;

namespace AiFactory.ServiceDefaults.Telemetry;

/// <summary>
/// Which signals have somewhere to go, from OpenTelemetry's own variables (https://opentelemetry.io/docs/specs/otel/protocol/exporter/). The SDK reads the rest of them itself.
/// </summary>
internal sealed class OtlpSettings(IConfiguration configuration)
{
    public bool Traces => HasEndpoint("TRACES");

    public bool Metrics => HasEndpoint("METRICS");

    public bool Logs => HasEndpoint("LOGS");

    /// <summary>The specification's default is http/protobuf; the SDK's is gRPC.</summary>
    public void ApplyDefaults(OtlpExporterOptions options, string signal)
    {
        if (string.IsNullOrEmpty(configuration["OTEL_EXPORTER_OTLP_PROTOCOL"]) && string.IsNullOrEmpty(configuration[$"OTEL_EXPORTER_OTLP_{signal}_PROTOCOL"]))
        {
            options.Protocol = OtlpExportProtocol.HttpProtobuf;
        }
    }

    private bool HasEndpoint(string signal) =>
        !IsOff(signal)
        && (!string.IsNullOrEmpty(configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]) || !string.IsNullOrEmpty(configuration[$"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"]));

    private bool IsOff(string signal) =>
        string.Equals(configuration[$"OTEL_{signal}_EXPORTER"], "none", StringComparison.OrdinalIgnoreCase)
        || string.Equals(configuration["OTEL_SDK_DISABLED"], "true", StringComparison.OrdinalIgnoreCase);
}
