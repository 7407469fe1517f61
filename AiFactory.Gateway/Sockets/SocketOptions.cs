using System.ComponentModel.DataAnnotations;

namespace AiFactory.Gateway.Sockets;

/// <summary>The settings under <c>Sockets</c>.</summary>
internal sealed class SocketOptions
{
    public const string Section = "Sockets";

    /// <summary>The largest message, in bytes. What is larger goes by HTTP.</summary>
    [Range(1024, 1 << 28, ErrorMessage = "Sockets:MaxMessageBytes must lie between 1024 and 268435456.")]
    public int MaxMessageBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>Requests of one connection that are answered at once.</summary>
    [Range(1, 1000, ErrorMessage = "Sockets:MaxRequests must lie between 1 and 1000.")]
    public int MaxRequests { get; set; } = 16;

    /// <summary>How often a client is pinged.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00", ErrorMessage = "Sockets:PingInterval must lie between 10 milliseconds and one hour.")]
    public TimeSpan PingInterval { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>A client that answers no ping for this long is gone.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00", ErrorMessage = "Sockets:PongTimeout must lie between 10 milliseconds and one hour.")]
    public TimeSpan PongTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>A client that does not take a message for this long is cut off: it would hold a model's slot.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00", ErrorMessage = "Sockets:SendTimeout must lie between 10 milliseconds and one hour.")]
    public TimeSpan SendTimeout { get; set; } = TimeSpan.FromSeconds(30);
}
