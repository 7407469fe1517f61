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

    public string EffectiveDirectory => Directory is { Length: > 0 }
        ? Path.GetFullPath(Directory)
        : Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData) is { Length: > 0 } data
            ? Path.Combine(data, "aifactory", "weights")
            : Path.Combine(Path.GetTempPath(), "aifactory", "weights");
}
