using System.ComponentModel.DataAnnotations;

namespace AiFactory.Gateway.Forwarding;

/// <summary>The settings under <c>Forwarding</c>.</summary>
internal sealed class ForwardingOptions
{
    public const string Section = "Forwarding";

    /// <summary>The largest body of a request to a model, in bytes. It is held until the answer has begun, to be sent to another replica if need be.</summary>
    [Range(1024, 1 << 30, ErrorMessage = "Forwarding:MaxRequestBodyBytes must lie between 1024 and 1073741824.")]
    public int MaxRequestBodyBytes { get; set; } = 32 * 1024 * 1024;

    /// <summary>From the first packet to an open connection.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:05:00", ErrorMessage = "Forwarding:ConnectTimeout must lie between 10 milliseconds and five minutes.")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>From the request's being sent to one replica to the first token of a streamed answer.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "1.00:00:00", ErrorMessage = "Forwarding:FirstTokenTimeout must lie between 10 milliseconds and one day.")]
    public TimeSpan FirstTokenTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>The longest silence within an answer that has begun.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "1.00:00:00", ErrorMessage = "Forwarding:IdleTimeout must lie between 10 milliseconds and one day.")]
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>From the request's being sent to the beginning of an answer that is not streamed: the whole generation.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "1.00:00:00", ErrorMessage = "Forwarding:CompletionTimeout must lie between 10 milliseconds and one day.")]
    public TimeSpan CompletionTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a request waits for a replica while none can be had, as when a worker restarts.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00", ErrorMessage = "Forwarding:ReplicaWait must lie between 0 and one hour.")]
    public TimeSpan ReplicaWait { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>From the request's being read to the last byte of its answer, waits and further attempts included.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "1.00:00:00", ErrorMessage = "Forwarding:TotalTimeout must lie between 10 milliseconds and one day.")]
    public TimeSpan TotalTimeout { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Whether answers name their replica in <c>x-aifactory-replica</c>.</summary>
    public bool NameReplica { get; set; }
}
