using System.ComponentModel.DataAnnotations;

namespace AiFactory.Gateway.Forwarding;

/// <summary>The settings under <c>Probes</c>: how replicas are looked at that no request tells of.</summary>
internal sealed class ProbeOptions
{
    public const string Section = "Probes";

    /// <summary>Between two looks at the replicas that are unreachable, but for a random part.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00", ErrorMessage = "Probes:Interval must lie between 10 milliseconds and one hour.")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>One without a request for so long is looked at too.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "1.00:00:00", ErrorMessage = "Probes:IdleTime must lie between 10 milliseconds and one day.")]
    public TimeSpan IdleTime { get; set; } = TimeSpan.FromSeconds(15);

    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00", ErrorMessage = "Probes:Timeout must lie between 10 milliseconds and one minute.")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Relative to a replica's address. Any answer below 500 will do: a server that has no such path is there.</summary>
    [Required(ErrorMessage = "Probes:Path is empty. It is the path that idle replicas are asked for.")]
    public string Path { get; set; } = "healthz";
}
