using System.ComponentModel.DataAnnotations;
using AiFactory.ServiceDefaults.Outbound;

namespace AiFactory.Builder.Tools.Http;

/// <summary>The settings under <c>Tools</c>: where tools and HTTP steps may go.</summary>
internal sealed class OutboundOptions
{
    internal const string Section = "Tools";

    /// <summary>Hosts that may be called although their addresses are private, as <c>host</c> or <c>host:port</c>. Only who runs the factory can name them.</summary>
    public IList<string> AllowedHosts { get; } = [];

    [Range(1024, 16 * 1024 * 1024, ErrorMessage = "Tools:MaxResponseBytes must lie between 1024 and 16777216.")]
    public int MaxResponseBytes { get; set; } = 256 * 1024;

    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00", ErrorMessage = "Tools:ConnectTimeout must lie between 100 milliseconds and one minute.")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    internal OutboundConnector Connector() => new(Allows, $"{Section}:{nameof(AllowedHosts)}");

    internal bool Allows(string host, int port) =>
        AllowedHosts.Any(allowed => allowed.Equals(host, StringComparison.OrdinalIgnoreCase) || allowed.Equals($"{host}:{port}", StringComparison.OrdinalIgnoreCase));
}
