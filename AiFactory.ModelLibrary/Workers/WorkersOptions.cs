using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace AiFactory.ModelLibrary.Workers;

internal sealed class WorkersOptions
{
    /// <summary>How often a worker speaks while nothing changes.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How often it speaks while a deployment is on its way.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan BusyInterval { get; set; } = TimeSpan.FromSeconds(0.5);

    /// <summary>A worker that was silent for this many intervals is lost.</summary>
    [Range(2, 100)]
    public int MissedHeartbeats { get; set; } = 3;

    /// <summary>How long silence is forgiven after the library or its database was away: it may be the library's own.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan Grace { get; set; } = TimeSpan.FromSeconds(30);

    internal TimeSpan LostAfter => HeartbeatInterval * MissedHeartbeats;
}

[OptionsValidator]
internal sealed partial class WorkersOptionsValidator : IValidateOptions<WorkersOptions>;
