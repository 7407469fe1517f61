using System.ComponentModel.DataAnnotations;

namespace AiFactory.Gateway.Serving;

/// <summary>The settings under <c>Serving</c>: how the gateway treats its clients' connections.</summary>
internal sealed class ServingOptions
{
    public const string Section = "Serving";

    /// <summary>How long requests in flight may go on after the stop signal; what is left then is cut off.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00", ErrorMessage = "Serving:DrainTime must lie between 0 and one hour.")]
    public TimeSpan DrainTime { get; set; } = TimeSpan.FromSeconds(6);

    /// <summary>How long the gateway goes on taking requests after the stop signal, while /readyz already says no: the time in which a balancer notices.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00", ErrorMessage = "Serving:DrainDelay must lie between 0 and five minutes.")]
    public TimeSpan DrainDelay { get; set; } = TimeSpan.Zero;

    /// <summary>A client that takes less than this of an answer that waits for it, is cut off after <see cref="SlowClientGrace"/>: it would hold a model's slot.</summary>
    [Range(1, 1_000_000, ErrorMessage = "Serving:SlowClientBytesPerSecond must lie between 1 and 1000000.")]
    public double SlowClientBytesPerSecond { get; set; } = 64;

    [Range(typeof(TimeSpan), "00:00:02", "01:00:00", ErrorMessage = "Serving:SlowClientGrace must lie between two seconds and one hour.")]
    public TimeSpan SlowClientGrace { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The largest body of a request that the gateway answers itself, in bytes. What is passed on to a service has the service's limits.</summary>
    [Range(1024, 1L << 40, ErrorMessage = "Serving:MaxRequestBodyBytes must be at least 1024.")]
    public long MaxRequestBodyBytes { get; set; } = 64 * 1024 * 1024;
}
