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

    /// <summary>
    /// Keys beside <see cref="Key"/> (or <c>Identity:Key</c>, where that stands in for it) whose seals open too, and are sealed anew with it: the next one, while not every service has it as its
    /// own yet, and then the former one.
    /// </summary>
    public IList<string> OtherKeys { get; } = [];

    /// <summary>How long after its start a service waits before it seals anew, so that the pods of before are gone, which would seal back.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00", ErrorMessage = "Secrets:ResealAfter must lie between 0 and one day.")]
    public TimeSpan ResealAfter { get; set; } = TimeSpan.FromMinutes(10);
}
