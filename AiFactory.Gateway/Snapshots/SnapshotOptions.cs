using System.ComponentModel.DataAnnotations;

namespace AiFactory.Gateway.Snapshots;

/// <summary>The settings under <c>Snapshot</c>.</summary>
internal sealed class SnapshotOptions
{
    public const string Section = "Snapshot";

    /// <summary>The file that the last snapshot is kept in. It names every key's hash: only this user may read it.</summary>
    [Required(ErrorMessage = "Snapshot:Path is empty. It is the file that the gateway keeps its last routing snapshot in.")]
    public string Path { get; set; } = System.IO.Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
        "aifactory", "gateway", "routing.snapshot");

    /// <summary>How long one question to the library may stay open; the library answers 204 after 25 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00", ErrorMessage = "Snapshot:PollTimeout must lie between one second and ten minutes.")]
    public TimeSpan PollTimeout { get; set; } = TimeSpan.FromSeconds(40);

    /// <summary>The wait after a failed question; it doubles up to <see cref="LongestRetryDelay"/>.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00", ErrorMessage = "Snapshot:RetryDelay must lie between 10 milliseconds and one minute.")]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(250);

    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00", ErrorMessage = "Snapshot:LongestRetryDelay must lie between 10 milliseconds and ten minutes.")]
    public TimeSpan LongestRetryDelay { get; set; } = TimeSpan.FromSeconds(5);
}
