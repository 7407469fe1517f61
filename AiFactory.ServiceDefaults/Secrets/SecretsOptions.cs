using System.ComponentModel.DataAnnotations;

namespace AiFactory.ServiceDefaults.Secrets;

/// <summary>The settings under <c>Secrets</c>.</summary>
public sealed class SecretsOptions
{
    public const string Section = "Secrets";
    internal const int ShortestKey = 32;

    /// <summary>What credentials are sealed with: the same in the library and in the gateways. Empty takes a key made from <c>Identity:Key</c>; one of its own lets that be changed alone.</summary>
    [RegularExpression(@"[\s\S]{32,}", ErrorMessage = "Secrets:Key must have at least 32 characters, or be left out.")]
    public string Key { get; set; } = "";

    /// <summary>What was <see cref="Key"/> before (or <c>Identity:Key</c>, where that stood in for it): what was sealed with one of these still opens, and is sealed anew with the key of now.</summary>
    public IList<string> FormerKeys { get; } = [];

    /// <summary>How long after its start a service waits before it seals anew: by then the others of the same update know the key too.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00", ErrorMessage = "Secrets:ResealAfter must lie between 0 and one day.")]
    public TimeSpan ResealAfter { get; set; } = TimeSpan.FromMinutes(10);
}
