using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace AiFactory.Inference.Benchmarking;

/// <summary>A report for people, and for programs.</summary>
internal static class BenchmarkTable
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DictionaryKeyPolicy = null,
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public static string ToJson(BenchmarkReport report) => JsonSerializer.Serialize(report, s_json);

    public static string ToText(BenchmarkReport report)
    {
        var load = report.Load;
        var text = new StringBuilder();
        Line($"{report.Model} at {report.Server}{load.Route}");
        Line($"{(load.Rate is { } rate ? $"{rate} requests/s" : $"{load.Concurrency} at once")}, about {load.PromptTokens} prompt tokens ({load.SharedPrefix:P0} shared), up to {load.OutputTokens} output tokens, seed {load.Seed}");
        Line($"{report.Succeeded} of {load.Requests} requests answered, {report.Failed} failed, in {report.DurationSeconds:F2} s{(report.Interrupted ? " (ended early)" : "")}");
        foreach (var (failure, count) in report.Failures)
        {
            Line($"  {count} x {failure}");
        }

        text.AppendLine();
        Line($"prompt tokens     {report.PromptTokens} ({report.CachedTokens} from the cache)");
        Line($"output tokens     {report.OutputTokens}");
        Line($"requests/s        {report.RequestsPerSecond:F2}");
        Line($"output tokens/s   {report.OutputTokensPerSecond:F1}");
        Line($"all tokens/s      {report.TotalTokensPerSecond:F1}");
        if (report.Goodput is { } goodput)
        {
            Line($"goodput           {goodput:F2} requests/s ({Goals(load)})");
        }

        text.AppendLine();
        Line($"{"",-30}{"mean",10}{"p50",10}{"p90",10}{"p99",10}{"max",10}");
        Row("time to first token, ms", report.TimeToFirstToken);
        Row("inter-token latency, ms", report.InterTokenLatency);
        Row("time per output token, ms", report.TimePerOutputToken);
        Row("end to end, ms", report.EndToEnd);
        Row("tokens/s of a request", report.RequestTokensPerSecond);
        return text.ToString();

        void Line(FormattableString line) => text.AppendLine(line.ToString(CultureInfo.InvariantCulture));

        void Row(string name, Percentiles? values)
        {
            if (values is not null)
            {
                Line($"{name,-30}{values.Mean,10:F2}{values.P50,10:F2}{values.P90,10:F2}{values.P99,10:F2}{values.Max,10:F2}");
            }
        }
    }

    private static string Goals(BenchmarkLoad load) => string.Join(" and ", new[]
    {
        load.FirstTokenGoal is { } first ? string.Create(CultureInfo.InvariantCulture, $"first token within {first} ms") : null,
        load.InterTokenGoal is { } between ? string.Create(CultureInfo.InvariantCulture, $"{between} ms a token") : null,
    }.OfType<string>());
}
