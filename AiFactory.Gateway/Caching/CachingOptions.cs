using System.ComponentModel.DataAnnotations;

namespace AiFactory.Gateway.Caching;

/// <summary>The settings under <c>Caching</c>. Which answers are kept, and for how long, says the policy of each deployment.</summary>
internal sealed class CachingOptions
{
    public const string Section = "Caching";

    /// <summary>Bytes of memory for all answers together; what was used longest ago makes room.</summary>
    [Range(1L << 20, 1L << 40, ErrorMessage = "Caching:MemoryBytes must lie between 1048576 and 1099511627776.")]
    public long MemoryBytes { get; set; } = 64 << 20;

    /// <summary>A longer answer, as the model wrote it, is not kept.</summary>
    [Range(1024, 256 << 20, ErrorMessage = "Caching:LargestAnswer must lie between 1024 and 268435456.")]
    public int LargestAnswer { get; set; } = 1 << 20;

    /// <summary>How long a request waits for the answer to an equal one that is under way, before it asks itself; 0 for not at all.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00", ErrorMessage = "Caching:FlightWait must lie between 0 and one hour.")]
    public TimeSpan FlightWait { get; set; } = TimeSpan.FromSeconds(30);
}
