using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace AiFactory.ServiceDefaults.Resilience;

/// <summary>How an HttpClient bears a failing service. Per client; the settings lie under <c>HttpClients:{name}</c>.</summary>
public sealed class ResilienceOptions
{
    /// <summary>False sends each request once, without timeout, as a proxy needs it that has its own rules.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>From the call to the headers of the answer, all attempts and waits included.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "1.00:00:00", ErrorMessage = "TotalTimeout must lie between 10 milliseconds and one day.")]
    public TimeSpan TotalTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>From the start of one attempt to the headers of its answer.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "1.00:00:00", ErrorMessage = "AttemptTimeout must lie between 10 milliseconds and one day.")]
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Attempts after the first; 0 turns retries off.</summary>
    [Range(0, 20, ErrorMessage = "Retries must lie between 0 and 20.")]
    public int Retries { get; set; } = 3;

    /// <summary>The wait before the second attempt; it doubles each time, with jitter.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00", ErrorMessage = "RetryDelay must lie between 1 millisecond and one minute.")]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest wait that a <c>Retry-After</c> may ask for; a longer one is answered at once to the caller.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00", ErrorMessage = "MaximumRetryAfter must lie between 0 and one hour.")]
    public TimeSpan MaximumRetryAfter { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Retries POST and PATCH too: only for calls that do no harm when done twice.</summary>
    public bool RetryUnsafeMethods { get; set; }

    /// <summary>The share of failed attempts that opens the circuit breaker.</summary>
    [Range(0.01, 1.0, ErrorMessage = "BreakerFailureRatio must lie between 0.01 and 1.")]
    public double BreakerFailureRatio { get; set; } = 0.5;

    /// <summary>Attempts in <see cref="BreakerSamplingDuration"/> below which the breaker never opens.</summary>
    [Range(2, 100_000, ErrorMessage = "BreakerMinimumThroughput must lie between 2 and 100000.")]
    public int BreakerMinimumThroughput { get; set; } = 20;

    [Range(typeof(TimeSpan), "00:00:00.500", "01:00:00", ErrorMessage = "BreakerSamplingDuration must lie between half a second and one hour.")]
    public TimeSpan BreakerSamplingDuration { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the open breaker refuses calls before it lets one through to try.</summary>
    [Range(typeof(TimeSpan), "00:00:00.500", "01:00:00", ErrorMessage = "BreakerBreakDuration must lie between half a second and one hour.")]
    public TimeSpan BreakerBreakDuration { get; set; } = TimeSpan.FromSeconds(5);
}

/// <summary>Not by a generated validator, nor by the one of attributes: they do not know which client the settings are of.</summary>
internal sealed class ResilienceOptionsValidator : IValidateOptions<ResilienceOptions>
{
    public ValidateOptionsResult Validate(string? name, ResilienceOptions options)
    {
        var complaints = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), complaints, validateAllProperties: true);
        if (options.AttemptTimeout > options.TotalTimeout)
        {
            complaints.Add(new ValidationResult($"AttemptTimeout ({options.AttemptTimeout}) is longer than TotalTimeout ({options.TotalTimeout})."));
        }

        return complaints.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(complaints.Select(complaint => $"HttpClients:{name}:{complaint.ErrorMessage}"));
    }
}
