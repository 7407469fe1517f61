using System.Text;
using OpenTelemetry.Metrics;

namespace AiFactory.ServiceDefaults.Telemetry.Prometheus;

/// <summary>
/// OpenTelemetry's names in Prometheus' alphabet (https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/):
/// <c>http.server.request.duration</c> in <c>s</c> becomes <c>http_server_request_duration_seconds</c>, a counter ends in <c>_total</c>.
/// vLLM's names have a colon, which no instrument may have and which promtool refuses in a scrape: <c>vllm.num_requests_running</c> becomes
/// <c>vllm_num_requests_running</c>, and <c>vllm:num_requests_running</c> in vLLM's own dialect; neither gets a unit added.
/// </summary>
internal static class PrometheusNames
{
    private const string EngineDot = "vllm.";

    private static readonly Dictionary<string, string> Units = new(StringComparer.Ordinal)
    {
        ["d"] = "days", ["h"] = "hours", ["min"] = "minutes", ["s"] = "seconds", ["ms"] = "milliseconds", ["us"] = "microseconds", ["ns"] = "nanoseconds",
        ["By"] = "bytes", ["KiBy"] = "kibibytes", ["MiBy"] = "mebibytes", ["GiBy"] = "gibibytes", ["KBy"] = "kilobytes", ["MBy"] = "megabytes", ["GBy"] = "gigabytes",
        ["m"] = "meters", ["V"] = "volts", ["A"] = "amperes", ["J"] = "joules", ["W"] = "watts", ["g"] = "grams", ["Cel"] = "celsius", ["Hz"] = "hertz", ["%"] = "percent",
    };

    /// <summary>What may not stand at the end of a gauge's name, because scrapers read it as a part of a histogram or a counter.</summary>
    private static readonly string[] NotForGauges = ["_total", "_count", "_sum", "_bucket"];

    /// <summary>The metric's name; null when the dialect does not have it.</summary>
    public static string? Metric(string name, string unit, PrometheusType type, PrometheusDialect dialect)
    {
        if (name.StartsWith(EngineDot, StringComparison.Ordinal))
        {
            var start = dialect == PrometheusDialect.Vllm ? "vllm:" : "vllm_";
            var own = Clean(name[EngineDot.Length..]);
            return type == PrometheusType.Counter ? $"{start}{Without(own, "_total")}_total" : $"{start}{own}";
        }

        if (dialect == PrometheusDialect.Vllm)
        {
            return null;
        }

        var full = Clean(name);
        if (type == PrometheusType.Counter)
        {
            full = Without(full, "_total");
        }

        var suffix = Unit(unit, type);
        if (suffix.Length > 0 && !full.EndsWith($"_{suffix}", StringComparison.Ordinal) && full != suffix)
        {
            full = $"{full}_{suffix}";
        }

        return type switch
        {
            PrometheusType.Counter => $"{full}_total",
            PrometheusType.Gauge => NotForGauges.Aggregate(full, Without),
            _ => full,
        };
    }

    /// <summary>Runs of underscores become one, so that no label begins with two, which are Prometheus' own.</summary>
    public static string Label(string name) => Clean(name);

    public static PrometheusType? TypeOf(MetricType type) => type switch
    {
        MetricType.LongSum or MetricType.DoubleSum => PrometheusType.Counter,
        MetricType.LongGauge or MetricType.DoubleGauge or MetricType.LongSumNonMonotonic or MetricType.DoubleSumNonMonotonic => PrometheusType.Gauge,
        MetricType.Histogram => PrometheusType.Histogram,
        // Exponential histograms have no form in the text format.
        _ => null,
    };

    private static string Unit(string unit, PrometheusType type)
    {
        var braces = unit.IndexOf('{', StringComparison.Ordinal);
        unit = braces >= 0 ? unit[..braces] + unit[(unit.IndexOf('}', braces) + 1)..] : unit;
        if (unit == "1")
        {
            return type == PrometheusType.Gauge ? "ratio" : "";
        }

        var slash = unit.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
        {
            return Word(unit);
        }

        // "By/s" is bytes_per_second, "{token}/s" per_second.
        var per = Word(unit[(slash + 1)..]).TrimEnd('s');
        var of = Word(unit[..slash]);
        return per.Length == 0 ? of : of.Length == 0 ? $"per_{per}" : $"{of}_per_{per}";
    }

    private static string Word(string unit) => Units.TryGetValue(unit, out var word) ? word : Clean(unit).Trim('_');

    private static string Without(string name, string suffix) =>
        name.Length > suffix.Length && name.EndsWith(suffix, StringComparison.Ordinal) ? name[..^suffix.Length] : name;

    private static string Clean(string name)
    {
        var clean = new StringBuilder(name.Length + 1);
        foreach (var c in name)
        {
            if (char.IsAsciiLetterOrDigit(c))
            {
                if (clean.Length == 0 && char.IsAsciiDigit(c))
                {
                    clean.Append('_');
                }

                clean.Append(c);
            }
            else if (clean.Length == 0 || clean[^1] != '_')
            {
                clean.Append('_');
            }
        }

        return clean.ToString();
    }
}

internal enum PrometheusType
{
    Counter,
    Gauge,
    Histogram,
}
