using System.ComponentModel.DataAnnotations;

namespace AiFactory.Gateway.Images;

/// <summary>The settings under <c>Images</c>.</summary>
internal sealed class ImageOptions
{
    public const string Section = "Images";

    /// <summary>How long an image's address can be called, and the image is kept.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "7.00:00:00", ErrorMessage = "Images:LinkLifetime must lie between one minute and seven days.")]
    public TimeSpan LinkLifetime { get; set; } = TimeSpan.FromHours(1);
}
