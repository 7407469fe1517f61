using System.ComponentModel.DataAnnotations;

namespace AiFactory.Builder.Models;

/// <summary>The settings under <c>Models</c>.</summary>
internal sealed class ModelOptions
{
    /// <summary>How long a model may be silent: before its answer begins, and between two pieces of it.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ErrorMessage = "Models:Silence must lie between one second and one hour.")]
    public TimeSpan Silence { get; set; } = TimeSpan.FromMinutes(5);
}
