using System.ComponentModel.DataAnnotations;

namespace AiFactory.Inference.Lifecycle;

/// <summary>The settings under <c>Lifecycle</c>.</summary>
internal sealed class LifecycleOptions
{
    public const string Section = "Lifecycle";

    /// <summary>Whether a request wakes the model that sleeps; else it waits until an operator does.</summary>
    public bool WakeOnRequest { get; set; }

    /// <summary>How long a request waits for a model that sleeps; then it is refused with 503.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00", ErrorMessage = "Lifecycle:LongestWait must lie between 0 and one hour.")]
    public TimeSpan LongestWait { get; set; } = TimeSpan.FromMinutes(1);
}
