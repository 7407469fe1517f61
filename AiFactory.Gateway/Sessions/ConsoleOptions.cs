using System.ComponentModel.DataAnnotations;

namespace AiFactory.Gateway.Sessions;

/// <summary>The settings under <c>Console</c>.</summary>
internal sealed class ConsoleOptions
{
    public const string Section = "Console";

    /// <summary>What the sign-in link carries; whoever shows it is an administrator of the factory. Empty: nobody signs in by link.</summary>
    [MinLength(16, ErrorMessage = "Console:SignInToken is too short: at least 16 characters are needed.")]
    public string? SignInToken { get; set; }

    /// <summary>The project whose models the administrator names without saying a project.</summary>
    [Required(ErrorMessage = "Console:Project is empty. It is the project of those who sign in by the link.")]
    public string Project { get; set; } = "default";

    /// <summary>Where browsers find the console, as <c>https://ai.example.com</c>, where something before the gateway ends TLS; null where it is the address that the gateway is asked by.</summary>
    [RegularExpression(@"https?://[^/?#\s]+/?", ErrorMessage = "Console:PublicUrl must be an address without a path, as 'https://ai.example.com'.")]
    public string? PublicUrl { get; set; }

    [Range(typeof(TimeSpan), "00:01:00", "7.00:00:00", ErrorMessage = "Console:SessionLifetime must lie between one minute and seven days.")]
    public TimeSpan SessionLifetime { get; set; } = TimeSpan.FromHours(12);

    /// <summary>Failed sign-ins of one address within a minute, after which the next ones are told to wait; a right token or key always passes.</summary>
    [Range(1, 10_000, ErrorMessage = "Console:FailuresPerMinute must lie between 1 and 10000.")]
    public int FailuresPerMinute { get; set; } = 10;
}
