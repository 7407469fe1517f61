using System.ComponentModel.DataAnnotations;

namespace AiFactory.Gateway.Rollouts;

/// <summary>The settings under <c>Rollouts</c>.</summary>
internal sealed class RolloutReporterOptions
{
    public const string Section = "Rollouts";

    /// <summary>How often the library is told what the ledger says of the rollouts that run. It waits for numbers for 30 seconds before it says that none come.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00", ErrorMessage = "Rollouts:ReportInterval must lie between 10 milliseconds and one minute.")]
    public TimeSpan ReportInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>No request that is open for less hangs, however soon others are answered.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00", ErrorMessage = "Rollouts:HangsAfter must lie between 0 and one hour.")]
    public TimeSpan HangsAfter { get; set; } = TimeSpan.FromSeconds(30);
}
