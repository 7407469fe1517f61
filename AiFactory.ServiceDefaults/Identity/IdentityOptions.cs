using System.ComponentModel.DataAnnotations;

namespace AiFactory.ServiceDefaults.Identity;

/// <summary>The settings under <c>Identity</c>.</summary>
public sealed class IdentityOptions
{
    public const string Section = "Identity";

    /// <summary>What signs and verifies internal identities: the same in every service, at least 32 characters, from the AppHost or a Kubernetes Secret.</summary>
    [Required(ErrorMessage = "Identity:Key is not set. It is the secret that services sign internal identities with, at least 32 characters, the same in every service.")]
    [MinLength(32, ErrorMessage = "Identity:Key is too short: at least 32 characters are needed.")]
    public string Key { get; set; } = "";

    /// <summary>How long an issued identity is valid.</summary>
    [Range(typeof(TimeSpan), "00:00:05", "1.00:00:00", ErrorMessage = "Identity:Lifetime must lie between 5 seconds and one day.")]
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromSeconds(60);
}
