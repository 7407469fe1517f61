using System.Globalization;
using AiFactory.Contracts;

namespace AiFactory.Gateway.Routing;

/// <summary>
/// What a replica tells of its load in the header <see cref="WireHeaders.Load"/>, read without an allocation. Null is what it does not tell. Our workers, vLLM (whose server in Python writes <c>TEXT </c> or <c>JSON </c>
/// before it, and whose server in Rust does not) and Triton's TensorRT-LLM are understood; all else in it is passed over.
/// </summary>
internal readonly record struct LoadReport(double? Waiting, double? Running, double? CacheUse)
{
    /// <summary>The one that we ask for.</summary>
    public const string Format = "TEXT";

    /// <summary>Triton's name (https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/client/README.html#orca-header-metrics).</summary>
    private const string TritonCacheUse = "kv_cache_utilization";

    /// <summary>A report has some hundred characters.</summary>
    private const int Longest = 2048;

    /// <summary>Nobody has more; what tells of more is shown as this.</summary>
    private const double MostRequests = 1_000_000;

    /// <summary>What an answer's headers tell.</summary>
    public static bool TryRead(HttpResponseMessage response, out LoadReport report)
    {
        report = default;
        return response.Headers.NonValidated.TryGetValues(WireHeaders.Load, out var values) && TryParse(values.ToString(), out report);
    }

    /// <summary>
    /// Both forms by the same rule: between two commas stands a name, a sign, a number. What is before the name (<c>named_metrics.</c>, <c>{"named_metrics": {"</c>) and behind the number (<c>}}</c>) says nothing more.
    /// </summary>
    /// <returns>False where it tells none of the three.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out LoadReport report)
    {
        report = default;
        if (text.Length > Longest)
        {
            return false;
        }

        foreach (var range in text.Split(','))
        {
            var pair = text[range];
            var at = pair.LastIndexOfAny('=', ':');
            // What is no number, NaN or negative is as if it were not there.
            if (at < 0 || !double.TryParse(pair[(at + 1)..].Trim(" \t\"}"), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || !(value >= 0))
            {
                continue;
            }

            var name = pair[..at].TrimEnd(" \t\"");
            report = name[(name.LastIndexOfAny(" .\"{") + 1)..] switch
            {
                LoadMetrics.Waiting => report with { Waiting = Math.Min(value, MostRequests) },
                LoadMetrics.Running => report with { Running = Math.Min(value, MostRequests) },
                LoadMetrics.CacheUse or TritonCacheUse => report with { CacheUse = Math.Min(value, 1) },
                _ => report,
            };
        }

        return report != default;
    }
}
