using System.ComponentModel.DataAnnotations;

namespace AiFactory.ModelLibrary.Rollouts;

internal sealed class RolloutOptions
{
    /// <summary>Numbers that are older do not let a rollout go on. Gateways tell each five seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:05", "01:00:00", ErrorMessage = "Rollouts:StaleAfter must lie between 5 seconds and one hour.")]
    public TimeSpan StaleAfter { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a candidate may be without a replica, as while a worker is started again.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00", ErrorMessage = "Rollouts:UnreadyFor must lie between 0 and one hour.")]
    public TimeSpan UnreadyFor { get; set; } = TimeSpan.FromSeconds(15);
}
