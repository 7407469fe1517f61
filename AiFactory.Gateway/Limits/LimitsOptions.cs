using System.ComponentModel.DataAnnotations;

namespace AiFactory.Gateway.Limits;

/// <summary>The settings under <c>Limits</c>. The limits themselves are the library's.</summary>
internal sealed class LimitsOptions : IValidatableObject
{
    public const string Section = "Limits";

    private const int FewestBeats = 20;

    /// <summary>How many tokens an answer is taken to have, for limits of a minute or an hour, where its request does not say.</summary>
    [Range(1, 1_000_000, ErrorMessage = "Limits:UsualOutputTokens must lie between 1 and 1000000.")]
    public int UsualOutputTokens { get; set; } = 1024;

    /// <summary>How long a request waits for what other gateways do not use, before it is refused.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:00:30", ErrorMessage = "Limits:Wait must lie between 10 milliseconds and 30 seconds.")]
    public TimeSpan Wait { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How often a gateway tells the others that it lives.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00", ErrorMessage = "Limits:Heartbeat must lie between 50 milliseconds and one minute.")]
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>After what silence the others may have what a gateway was granted and did not account for. Half of it after it lost the database, a gateway uses none of that any more.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "30.00:00:00", ErrorMessage = "Limits:AbandonAfter must lie between 10 seconds and 30 days.")]
    public TimeSpan AbandonAfter { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Whether, while the database is away and what a gateway was granted is used up, allowances (money, and what is counted for a day or longer) go on being served, and are charged later; else they are refused with 503.</summary>
    public bool ServeWhenUnknown { get; set; }

    /// <summary>Who is late with a heartbeat or two, or has just lost the database, must not have what it holds given to others.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (AbandonAfter < Heartbeat * FewestBeats)
        {
            yield return new ValidationResult($"Limits:AbandonAfter must be at least {FewestBeats} times Limits:Heartbeat.");
        }
    }
}
