using System.Globalization;
using System.Text;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace AiFactory.ServiceDefaults.Telemetry.Prometheus;

/// <summary>
/// Writes the text format 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/), without exemplars:
/// <code>
/// # HELP http_server_request_duration_seconds Duration of HTTP server requests.
/// # TYPE http_server_request_duration_seconds histogram
/// http_server_request_duration_seconds_bucket{http_route="/v1/models",le="0.005"} 4
/// </code>
/// </summary>
internal sealed class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly StringBuilder _text = new(16 * 1024);

    /// <param name="dialect">Which metrics, and under whose names.</param>
    public static string Write(in Batch<Metric> batch, Resource resource, PrometheusDialect dialect)
    {
        var writer = new PrometheusText();
        if (dialect == PrometheusDialect.Own)
        {
            writer.WriteTarget(resource);
        }

        foreach (var family in Families(batch, dialect))
        {
            writer.WriteFamily(family);
        }

        return writer._text.ToString();
    }

    private static PrometheusFamily[] Families(in Batch<Metric> batch, PrometheusDialect dialect)
    {
        var families = new SortedDictionary<string, PrometheusFamily>(StringComparer.Ordinal);
        foreach (var metric in batch)
        {
            if (PrometheusNames.TypeOf(metric.MetricType) is not { } type
                || PrometheusNames.Metric(metric.Name, metric.Unit, type, dialect) is not { } name)
            {
                continue;
            }

            if (!families.TryGetValue(name, out var family))
            {
                var help = string.IsNullOrWhiteSpace(metric.Description) ? $"The instrument {metric.Name} of {metric.MeterName}." : metric.Description;
                families.Add(name, family = new PrometheusFamily(name, type, help));
            }

            // Of two types under one name, the first seen is written.
            if (family.Type == type)
            {
                family.Metrics.Add(metric);
            }
        }

        return [.. families.Values];
    }

    private void WriteTarget(Resource resource)
    {
        WriteHead("target_info", PrometheusType.Gauge, "The service that these metrics are of.");
        _text.Append("target_info");
        WriteLabels(Labels(resource.Attributes.Select(pair => KeyValuePair.Create(pair.Key, (object?)pair.Value))), null);
        _text.Append(" 1\n");
    }

    private void WriteFamily(PrometheusFamily family)
    {
        WriteHead(family.Name, family.Type, family.Help);
        foreach (var metric in family.Metrics)
        {
            foreach (ref readonly var point in metric.GetMetricPoints())
            {
                var labels = Labels(point);
                if (!family.Series.Add(labels))
                {
                    continue;
                }

                if (family.Type == PrometheusType.Histogram)
                {
                    WriteHistogram(family.Name, labels, point);
                }
                else
                {
                    WriteSample(family.Name, labels, null, Value(metric.MetricType, point));
                }
            }
        }
    }

    private void WriteHead(string name, PrometheusType type, string help)
    {
        _text.Append("# HELP ").Append(name).Append(' ').Append(help.Replace(@"\", @"\\", StringComparison.Ordinal).ReplaceLineEndings(" ")).Append('\n');
        _text.Append("# TYPE ").Append(name).Append(' ').Append(type switch
        {
            PrometheusType.Counter => "counter",
            PrometheusType.Gauge => "gauge",
            _ => "histogram",
        }).Append('\n');
    }

    private void WriteHistogram(string name, string labels, in MetricPoint point)
    {
        long cumulated = 0;
        foreach (var bucket in point.GetHistogramBuckets())
        {
            cumulated += bucket.BucketCount;
            WriteSample($"{name}_bucket", labels, Number(bucket.ExplicitBound), Number(cumulated));
        }

        WriteSample($"{name}_sum", labels, null, Number(point.GetHistogramSum()));
        WriteSample($"{name}_count", labels, null, Number(cumulated));
    }

    private void WriteSample(string name, string labels, string? bound, string value)
    {
        _text.Append(name);
        WriteLabels(labels, bound);
        _text.Append(' ').Append(value).Append('\n');
    }

    private void WriteLabels(string labels, string? bound)
    {
        if (labels.Length == 0 && bound is null)
        {
            return;
        }

        _text.Append('{').Append(labels);
        if (bound is not null)
        {
            _text.Append(labels.Length > 0 ? "," : "").Append("le=\"").Append(bound).Append('"');
        }

        _text.Append('}');
    }

    private static string Labels(in MetricPoint point)
    {
        var tags = new List<KeyValuePair<string, object?>>(point.Tags.Count);
        foreach (var tag in point.Tags)
        {
            tags.Add(tag);
        }

        return Labels(tags);
    }

    /// <summary>Keys that become one label name share it, their values joined by <c>;</c>, as the specification asks.</summary>
    private static string Labels(IEnumerable<KeyValuePair<string, object?>> tags)
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in tags)
        {
            var name = PrometheusNames.Label(key);
            var text = Text(value);
            labels[name] = labels.TryGetValue(name, out var other) ? $"{other};{text}" : text;
        }

        return string.Join(',', labels.Select(label => $"{label.Key}=\"{Escape(label.Value)}\""));
    }

    private static string Text(object? value) => value switch
    {
        null => "",
        bool flag => flag ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    private static string Escape(string value) =>
        value.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal);

    private static string Value(MetricType type, in MetricPoint point) => type switch
    {
        MetricType.LongSum or MetricType.LongSumNonMonotonic => Number(point.GetSumLong()),
        MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic => Number(point.GetSumDouble()),
        MetricType.LongGauge => Number(point.GetGaugeLastValueLong()),
        _ => Number(point.GetGaugeLastValueDouble()),
    };

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        double.NaN => "NaN",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };
}
