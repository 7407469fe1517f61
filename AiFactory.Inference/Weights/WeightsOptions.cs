using System.ComponentModel.DataAnnotations;

namespace AiFactory.Inference.Weights;

/// <summary>The settings under <c>Cache</c>.</summary>
internal sealed class WeightsOptions
{
    public const string Section = "Cache";

    /// <summary>Where weights lie; the user's data folder when not set. Several workers of one machine may share it.</summary>
    public string? Directory { get; set; }

    /// <summary>Bytes that the folder may hold; the least recently used weights that no model uses make room.</summary>
    [Range(1L << 20, long.MaxValue, ErrorMessage = "Cache:SizeLimit must be at least 1 MiB, in bytes.")]
    public long SizeLimit { get; set; } = 200L << 30;

    /// <summary>Ranges of one file that are fetched at once.</summary>
    [Range(1, 64, ErrorMessage = "Cache:Connections must lie between 1 and 64.")]
    public int Connections { get; set; } = 4;

    /// <summary>Bytes of a range. What a process that is killed had begun of them is fetched again: at most one for each connection.</summary>
    [Range(1 << 16, 1 << 30, ErrorMessage = "Cache:RangeBytes must lie between 64 KiB and 1 GiB, in bytes.")]
    public int RangeBytes { get; set; } = 8 << 20;

    /// <summary>Failures of one range before the download gives up; the deployment then tries again in its own time.</summary>
    [Range(1, 20, ErrorMessage = "Cache:Attempts must lie between 1 and 20.")]
    public int Attempts { get; set; } = 5;

    /// <summary>How long a connection may be silent.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:30:00", ErrorMessage = "Cache:IdleTimeout must lie between 1 second and 30 minutes.")]
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Hash weights that lie here before a worker that was started serves them. Else those that have not changed since they were hashed serve at once, and are hashed behind that.</summary>
    public bool VerifyAtStart { get; set; }

    public string EffectiveDirectory => Directory is { Length: > 0 }
        ? Path.GetFullPath(Directory)
        : Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData) is { Length: > 0 } data
            ? Path.Combine(data, "aifactory", "weights")
            : Path.Combine(Path.GetTempPath(), "aifactory", "weights");
}
