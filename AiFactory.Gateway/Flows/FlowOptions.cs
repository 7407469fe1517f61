using System.ComponentModel.DataAnnotations;

namespace AiFactory.Gateway.Flows;

/// <summary>The settings under <c>Flows</c>.</summary>
internal sealed class FlowOptions
{
    public const string Section = "Flows";

    /// <summary>How long a list of models waits for the builder to name the published flows.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00", ErrorMessage = "Flows:ListTimeout must lie between 10 milliseconds and one minute.")]
    public TimeSpan ListTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long the builder's answer, or its silence, is believed.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00", ErrorMessage = "Flows:ListReuse must lie between 0 and one hour.")]
    public TimeSpan ListReuse { get; set; } = TimeSpan.FromSeconds(5);
}
