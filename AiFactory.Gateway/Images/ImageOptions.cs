using System.ComponentModel.DataAnnotations;

namespace AiFactory.Gateway.Images;

/// <summary>The settings under <c>Images</c>.</summary>
internal sealed class ImageOptions
{
    public const string Section = "Images";

    /// <summary>How long an image's address can be called, and the image is kept.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "7.00:00:00", ErrorMessage = "Images:LinkLifetime must lie between one minute and seven days.")]
    public TimeSpan LinkLifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Requests for images that are under way in this gateway at once; one more is refused before anything is made.</summary>
    [Range(1, 10_000, ErrorMessage = "Images:AtOnce must lie between 1 and 10000.")]
    public int AtOnce { get; set; } = 64;

    /// <summary>Answers of over 1 MiB that this gateway has in memory at once, each with up to some 150 MiB; the others wait.</summary>
    [Range(1, 1_000, ErrorMessage = "Images:LargeAtOnce must lie between 1 and 1000.")]
    public int LargeAtOnce { get; set; } = 2;
}
