using System.Globalization;
using Microsoft.Extensions.Configuration;
using OpenTelemetry.Trace;

namespace AiFactory.ServiceDefaults.Telemetry;

/// <summary>
/// The sampler of OpenTelemetry's own variables (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/). The SDK reads them only
/// when no sampler is set, and we set one.
/// </summary>
internal static class SamplerSettings
{
    public static Sampler Read(IConfiguration configuration) => configuration["OTEL_TRACES_SAMPLER"]?.Trim().ToLowerInvariant() switch
    {
        "always_on" => new AlwaysOnSampler(),
        "always_off" => new AlwaysOffSampler(),
        "traceidratio" => new TraceIdRatioBasedSampler(Ratio(configuration)),
        "parentbased_always_off" => new ParentBasedSampler(new AlwaysOffSampler()),
        "parentbased_traceidratio" => new ParentBasedSampler(new TraceIdRatioBasedSampler(Ratio(configuration))),
        _ => new ParentBasedSampler(new AlwaysOnSampler()),
    };

    /// <summary>As the specification has it: 1 when it is not set or makes no sense.</summary>
    private static double Ratio(IConfiguration configuration) =>
        double.TryParse(configuration["OTEL_TRACES_SAMPLER_ARG"], NumberStyles.Float, CultureInfo.InvariantCulture, out var ratio) && ratio is >= 0 and <= 1 ? ratio : 1;
}
