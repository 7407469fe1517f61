using System.ComponentModel.DataAnnotations;

namespace AiFactory.Builder.Threads;

/// <summary>The settings under <c>Threads</c>.</summary>
internal sealed class ThreadOptions
{
    /// <summary>How long an answer holds its thread unless that is renewed: a process that dies leaves the thread for so long.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ErrorMessage = "Threads:Lease must lie between one second and one hour.")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromMinutes(1);
}
