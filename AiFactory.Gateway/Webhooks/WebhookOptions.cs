using System.ComponentModel.DataAnnotations;
using System.Net;

namespace AiFactory.Gateway.Webhooks;

/// <summary>The settings under <c>Webhooks</c>.</summary>
internal sealed class WebhookOptions
{
    public const string Section = "Webhooks";

    /// <summary>Hosts that may be called although their addresses are private, as <c>host</c> or <c>host:port</c>.</summary>
    public IList<string> AllowedHosts { get; } = [];

    /// <summary>Private addresses that any host may have, as <c>10.20.0.0/16</c>: the networks of the site in which receivers are.</summary>
    public IList<string> AllowedNetworks { get; } = [];

    /// <summary>How often a message is tried, before it is parked: with the defaults for some twenty hours.</summary>
    [Range(1, 100, ErrorMessage = "Webhooks:Attempts must lie between 1 and 100.")]
    public int Attempts { get; set; } = 10;

    /// <summary>After the first attempt; each further pause is four times as long.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "1.00:00:00", ErrorMessage = "Webhooks:FirstDelay must lie between 1 millisecond and one day.")]
    public TimeSpan FirstDelay { get; set; } = TimeSpan.FromSeconds(5);

    [Range(typeof(TimeSpan), "00:00:00.001", "7.00:00:00", ErrorMessage = "Webhooks:LongestDelay must lie between 1 millisecond and seven days.")]
    public TimeSpan LongestDelay { get; set; } = TimeSpan.FromHours(6);

    /// <summary>For one attempt, connecting included.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00", ErrorMessage = "Webhooks:Timeout must lie between 100 milliseconds and one minute.")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Messages that this gateway delivers at once; of one project at most a quarter of them.</summary>
    [Range(1, 1000, ErrorMessage = "Webhooks:Concurrency must lie between 1 and 1000.")]
    public int Concurrency { get; set; } = 16;

    /// <summary>How long messages are signed with a project's secret before the last rotation too.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "30.00:00:00", ErrorMessage = "Webhooks:RotationOverlap must lie between 0 and thirty days.")]
    public TimeSpan RotationOverlap { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How long a message that was delivered or parked is known.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "3650.00:00:00", ErrorMessage = "Webhooks:Retention must lie between one hour and ten years.")]
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(30);

    public bool Allows(string host, int port) =>
        AllowedHosts.Any(allowed => allowed.Equals(host, StringComparison.OrdinalIgnoreCase) || allowed.Equals($"{host}:{port}", StringComparison.OrdinalIgnoreCase));

    public IReadOnlyList<IPNetwork> Networks() => [.. AllowedNetworks.Select(IPNetwork.Parse)];
}
