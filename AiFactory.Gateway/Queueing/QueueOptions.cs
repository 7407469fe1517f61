using System.ComponentModel.DataAnnotations;

namespace AiFactory.Gateway.Queueing;

/// <summary>The settings under <c>Queue</c>: how many requests one deployment works on at once, and how the others wait.</summary>
internal sealed class QueueOptions
{
    public const string Section = "Queue";

    /// <summary>Under way for each replica of a deployment; 0 lets all through, for our own workers have queues that know their slots.</summary>
    [Range(0, 1_000_000, ErrorMessage = "Queue:RequestsPerReplica must lie between 0 and 1000000.")]
    public int RequestsPerReplica { get; set; }

    /// <summary>Waiting for one deployment; of more, the one is refused with 429 whose project has the most there.</summary>
    [Range(0, 1_000_000, ErrorMessage = "Queue:Length must lie between 0 and 1000000.")]
    public int Length { get; set; } = 1000;

    /// <summary>The longest wait; <c>x-slo-ttft-ms</c> of a request shortens it.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "01:00:00", ErrorMessage = "Queue:LongestWait must lie between 1 millisecond and one hour.")]
    public TimeSpan LongestWait { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The priority of each value of <c>x-gateway-inference-objective</c>: the lowest goes first, what is not named is 0; work that can wait is sheddable. As the workers have them. Below 0 only who may change deployments can ask.</summary>
    public Dictionary<string, int> Objectives { get; } = new(StringComparer.OrdinalIgnoreCase) { ["critical"] = -10, ["standard"] = 0, ["sheddable"] = 10 };
}
