using System.ComponentModel.DataAnnotations;

namespace AiFactory.ModelLibrary.Workers;

internal sealed class WorkersOptions
{
    /// <summary>How often a worker speaks while nothing changes.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00", ErrorMessage = "Workers:HeartbeatInterval must lie between 0.1 seconds and one minute.")]
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How often it speaks while a deployment is on its way.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00", ErrorMessage = "Workers:BusyInterval must lie between 0.1 seconds and one minute.")]
    public TimeSpan BusyInterval { get; set; } = TimeSpan.FromSeconds(0.5);

    /// <summary>A worker that was silent for this many intervals is lost.</summary>
    [Range(2, 100, ErrorMessage = "Workers:MissedHeartbeats must lie between 2 and 100.")]
    public int MissedHeartbeats { get; set; } = 3;

    /// <summary>How long silence is forgiven after the library or its database was away: it may be the library's own.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00", ErrorMessage = "Workers:Grace must lie between 0 and one hour.")]
    public TimeSpan Grace { get; set; } = TimeSpan.FromSeconds(30);

    internal TimeSpan LostAfter => HeartbeatInterval * MissedHeartbeats;
}
