namespace AiFactory.Inference.Benchmarking;

/// <summary>What a load gave. Latencies are in milliseconds; rates are over the whole time, with the requests that failed in it.</summary>
internal sealed record BenchmarkReport
{
    public required string Server { get; init; }

    public required string Model { get; init; }

    public required BenchmarkLoad Load { get; init; }

    /// <summary>Ended by its user before all requests had been sent.</summary>
    public required bool Interrupted { get; init; }

    public required double DurationSeconds { get; init; }

    public required int Succeeded { get; init; }

    public required int Failed { get; init; }

    /// <summary>What was wrong, and how often.</summary>
    public required IReadOnlyDictionary<string, int> Failures { get; init; }

    public required long PromptTokens { get; init; }

    public required long CachedTokens { get; init; }

    public required long OutputTokens { get; init; }

    public required double RequestsPerSecond { get; init; }

    public required double OutputTokensPerSecond { get; init; }

    public required double TotalTokensPerSecond { get; init; }

    /// <summary>Requests a second that kept to the goals; null without goals.</summary>
    public required double? Goodput { get; init; }

    public required Percentiles? TimeToFirstToken { get; init; }

    /// <summary>Of all gaps of all requests.</summary>
    public required Percentiles? InterTokenLatency { get; init; }

    /// <summary>Of each request's mean.</summary>
    public required Percentiles? TimePerOutputToken { get; init; }

    public required Percentiles? EndToEnd { get; init; }

    /// <summary>Of each request, after its first token.</summary>
    public required Percentiles? RequestTokensPerSecond { get; init; }

    public static BenchmarkReport From(
        BenchmarkSettings settings, IReadOnlyCollection<BenchmarkSample> samples, IReadOnlyDictionary<string, int> failures, TimeSpan duration, bool interrupted)
    {
        var seconds = duration.TotalSeconds;
        var (prompt, output) = (samples.Sum(sample => (long)sample.PromptTokens), samples.Sum(sample => (long)sample.CompletionTokens));
        var hasGoal = settings.FirstTokenGoal is not null || settings.InterTokenGoal is not null;
        return new BenchmarkReport
        {
            Server = settings.Server.ToString(),
            Model = settings.Model,
            Load = BenchmarkLoad.From(settings),
            Interrupted = interrupted,
            DurationSeconds = seconds,
            Succeeded = samples.Count,
            Failed = failures.Values.Sum(),
            Failures = new SortedDictionary<string, int>(failures.ToDictionary(), StringComparer.Ordinal),
            PromptTokens = prompt,
            CachedTokens = samples.Sum(sample => (long)sample.CachedTokens),
            OutputTokens = output,
            RequestsPerSecond = Rate(samples.Count, seconds),
            OutputTokensPerSecond = Rate(output, seconds),
            TotalTokensPerSecond = Rate(prompt + output, seconds),
            Goodput = hasGoal ? Rate(samples.Count(sample => Keeps(settings, sample)), seconds) : null,
            TimeToFirstToken = Percentiles.Of(samples.Select(sample => sample.FirstToken)),
            InterTokenLatency = Percentiles.Of(samples.SelectMany(sample => sample.Gaps)),
            TimePerOutputToken = Percentiles.Of(samples.Select(sample => sample.TimePerOutputToken).OfType<double>()),
            EndToEnd = Percentiles.Of(samples.Select(sample => sample.Total)),
            RequestTokensPerSecond = Percentiles.Of(samples.Where(sample => sample.TokensPerSecond > 0).Select(sample => sample.TokensPerSecond)),
        };
    }

    private static bool Keeps(BenchmarkSettings settings, BenchmarkSample sample) =>
        sample.FirstToken <= (settings.FirstTokenGoal ?? double.PositiveInfinity) && (sample.TimePerOutputToken ?? 0) <= (settings.InterTokenGoal ?? double.PositiveInfinity);

    private static double Rate(long count, double seconds) => seconds > 0 ? count / seconds : 0;
}
