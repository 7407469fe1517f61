using System.ComponentModel.DataAnnotations;

namespace AiFactory.Gateway.Files;

/// <summary>The settings under <c>Files</c>.</summary>
internal sealed class FilesOptions
{
    public const string Section = "Files";

    /// <summary>The largest file, in bytes.</summary>
    [Range(1024, 1L << 40, ErrorMessage = "Files:MaxBytes must lie between 1024 and 1099511627776.")]
    public long MaxBytes { get; set; } = 200L << 20;

    /// <summary>What all files of a project may have together, in bytes; output files count and are not refused.</summary>
    [Range(1024, 1L << 50, ErrorMessage = "Files:MaxProjectBytes must lie between 1024 and 1125899906842624.")]
    public long MaxProjectBytes { get; set; } = 20L << 30;

    /// <summary>The largest part of an upload that comes in parts, in bytes.</summary>
    [Range(1024, 1L << 32, ErrorMessage = "Files:MaxPartBytes must lie between 1024 and 4294967296.")]
    public long MaxPartBytes { get; set; } = 64L << 20;

    /// <summary>How long such an upload takes parts; its bytes are among the project's meanwhile.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "7.00:00:00", ErrorMessage = "Files:UploadLifetime must lie between one minute and seven days.")]
    public TimeSpan UploadLifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Uploads of one project that this gateway takes in at once: until they are whole they are in storage, and not among the project's bytes.</summary>
    [Range(1, 10_000, ErrorMessage = "Files:MaxUploads must lie between 1 and 10000.")]
    public int MaxUploads { get; set; } = 32;

    /// <summary>How long a file is kept, unless its upload or its batch asks for less.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "3650.00:00:00", ErrorMessage = "Files:Retention must lie between one hour and ten years.")]
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(30);
}
