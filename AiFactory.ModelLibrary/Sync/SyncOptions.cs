using System.ComponentModel.DataAnnotations;

namespace AiFactory.ModelLibrary.Sync;

internal sealed class SyncOptions
{
    /// <summary>How long a claim on a sync, a copy or a scan holds unless it is renewed: after a kill, someone else goes on this much later.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ErrorMessage = "Sync:Lease must lie between one second and one hour.")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Attempts at a copy or a scan before the version is given up as failed.</summary>
    [Range(1, 1000, ErrorMessage = "Sync:Attempts must lie between 1 and 1000.")]
    public int Attempts { get; set; } = 20;
}
