using System.ComponentModel.DataAnnotations;

namespace AiFactory.Inference.Fleet;

/// <summary>The settings under <c>Worker</c>.</summary>
internal sealed class WorkerOptions
{
    public const string Section = "Worker";

    /// <summary>The address that the gateway reaches this worker at; what the server listens on when not set.</summary>
    public Uri? AdvertisedUrl { get; set; }

    /// <summary>Where this worker runs: gateways that are in the same zone (their setting Routing:Zone) ask it first for deployments that prefer that.</summary>
    [MaxLength(63, ErrorMessage = "Worker:Zone must have at most 63 characters.")]
    public string? Zone { get; set; }

    /// <summary>Where the last orders are remembered; beside the weights when not set.</summary>
    public string? StateDirectory { get; set; }

    /// <summary>How long to wait before speaking to the library again when it did not answer.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00", ErrorMessage = "Worker:RetryInterval must lie between 0.1 seconds and 10 minutes.")]
    public TimeSpan RetryInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long one heartbeat may take.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00", ErrorMessage = "Worker:HeartbeatTimeout must lie between 1 second and 5 minutes.")]
    public TimeSpan HeartbeatTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest pause before a model that failed is tried again; the first is one second.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ErrorMessage = "Worker:LongestBackOff must lie between 1 second and one hour.")]
    public TimeSpan LongestBackOff { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long weights rest that killed the process while they were loaded.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00", ErrorMessage = "Worker:BackOffAfterDeath must lie between 1 second and one day.")]
    public TimeSpan BackOffAfterDeath { get; set; } = TimeSpan.FromMinutes(10);
}
