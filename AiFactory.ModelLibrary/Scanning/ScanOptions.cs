using System.ComponentModel.DataAnnotations;

namespace AiFactory.ModelLibrary.Scanning;

internal sealed class ScanOptions
{
    /// <summary>How long a scan may take; one that takes longer is tried again later.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ErrorMessage = "Scanning:Timeout must lie between one second and one hour.")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(5);
}
