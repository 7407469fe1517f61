using OpenTelemetry.Metrics;

namespace AiFactory.ServiceDefaults.Telemetry.Prometheus;

/// <summary>All metrics that come out under one name: it may have one type and one help line, whatever meters they are from.</summary>
internal sealed class PrometheusFamily(string name, PrometheusType type, string help)
{
    public string Name => name;

    public PrometheusType Type => type;

    public string Help => help;

    public List<Metric> Metrics { get; } = [];

    /// <summary>The label sets written so far: a second series with the same would make the whole scrape invalid.</summary>
    public HashSet<string> Series { get; } = new(StringComparer.Ordinal);
}
