using System.ComponentModel.DataAnnotations;

namespace AiFactory.Gateway.Routing;

/// <summary>The settings under <c>Routing</c>.</summary>
internal sealed class RoutingOptions
{
    public const string Section = "Routing";

    /// <summary>Where this gateway runs, as workers of the same place say it (their setting <c>Worker:Zone</c>): deployments may prefer those.</summary>
    [MaxLength(63, ErrorMessage = "Routing:Zone must have at most 63 characters.")]
    public string? Zone { get; set; }
}
