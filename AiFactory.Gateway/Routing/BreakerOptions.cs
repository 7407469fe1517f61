using System.ComponentModel.DataAnnotations;

namespace AiFactory.Gateway.Routing;

/// <summary>The settings under <c>Breakers</c>: when a replica is set aside, and for how long.</summary>
internal sealed class BreakerOptions
{
    public const string Section = "Breakers";

    /// <summary>So many failed answers in a row set a replica aside. A connection that is refused or broken does at once.</summary>
    [Range(1, 1000, ErrorMessage = "Breakers:ConsecutiveFailures must lie between 1 and 1000.")]
    public int ConsecutiveFailures { get; set; } = 3;

    /// <summary>So large a share of failed answers in <see cref="Window"/> does too, unless half of the deployment's replicas are set aside already.</summary>
    [Range(0.01, 1, ErrorMessage = "Breakers:FailureShare must lie between 0.01 and 1.")]
    public double FailureShare { get; set; } = 0.5;

    /// <summary>Of fewer answers in <see cref="Window"/> no share is taken.</summary>
    [Range(1, 100_000, ErrorMessage = "Breakers:LeastAnswers must lie between 1 and 100000.")]
    public int LeastAnswers { get; set; } = 10;

    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00", ErrorMessage = "Breakers:Window must lie between 100 milliseconds and ten minutes.")]
    public TimeSpan Window { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a replica is set aside the first time; each failed trial doubles it.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00", ErrorMessage = "Breakers:FirstPause must lie between 10 milliseconds and ten minutes.")]
    public TimeSpan FirstPause { get; set; } = TimeSpan.FromSeconds(1);

    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00", ErrorMessage = "Breakers:LongestPause must lie between 10 milliseconds and ten minutes.")]
    public TimeSpan LongestPause { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>The most that a replica's own <c>Retry-After</c> sets it aside for.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00", ErrorMessage = "Breakers:LongestRetryAfter must lie between 0 and one hour.")]
    public TimeSpan LongestRetryAfter { get; set; } = TimeSpan.FromMinutes(1);
}
