using System.ComponentModel.DataAnnotations;

namespace AiFactory.Builder.Orchestration;

/// <summary>The settings under <c>Orchestration</c>.</summary>
internal sealed class OrchestrationOptions
{
    /// <summary>How long the leadership holds unless it is renewed: after a kill, another orchestrator leads this much later.</summary>
    [Range(typeof(TimeSpan), "00:00:00.500", "01:00:00", ErrorMessage = "Orchestration:Lease must lie between half a second and one hour.")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often runs, and a vacant leadership, are looked for without having been told.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00", ErrorMessage = "Orchestration:Poll must lie between 50 milliseconds and one minute.")]
    public TimeSpan Poll { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The largest output of a run, as JSON: what its output steps were given, together.</summary>
    [Range(1024, 64 * 1024 * 1024, ErrorMessage = "Orchestration:MaxOutputBytes must lie between 1024 and 67108864.")]
    public int MaxOutputBytes { get; set; } = 2 * 1024 * 1024;
}
