namespace AiFactory.Gateway.Routing;

/// <summary><see cref="BreakerOptions"/> with its times in the clock's ticks.</summary>
internal sealed class BreakerRules(BreakerOptions options, TimeProvider time)
{
    public int ConsecutiveFailures { get; } = options.ConsecutiveFailures;

    public double FailureShare { get; } = options.FailureShare;

    public int LeastAnswers { get; } = options.LeastAnswers;

    public long Window { get; } = Ticks(options.Window, time);

    public long FirstPause { get; } = Ticks(options.FirstPause, time);

    public long LongestPause { get; } = Ticks(options.LongestPause, time);

    public long LongestRetryAfter { get; } = Ticks(options.LongestRetryAfter, time);

    /// <summary>A trial that has not ended lets another try after this.</summary>
    public long TrialTime { get; } = Ticks(TimeSpan.FromSeconds(1), time);

    private static long Ticks(TimeSpan span, TimeProvider time) => (long)(span.TotalSeconds * time.TimestampFrequency);
}
