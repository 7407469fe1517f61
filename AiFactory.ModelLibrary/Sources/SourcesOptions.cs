using System.ComponentModel.DataAnnotations;

namespace AiFactory.ModelLibrary.Sources;

internal sealed class SourcesOptions
{
    /// <summary>Directories that directory sources may lie in. The seed's models directory is always one.</summary>
    public IList<string> AllowedRoots { get; } = [];

    /// <summary>How often each source is looked at.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00", ErrorMessage = "Sources:SyncInterval must lie between one second and one day.")]
    public TimeSpan SyncInterval { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a file must be unchanged before it is taken: one that is still being written waits.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00", ErrorMessage = "Sources:SettleTime must lie between 0 and one hour.")]
    public TimeSpan SettleTime { get; set; } = TimeSpan.FromSeconds(2);
}
