using System.ComponentModel.DataAnnotations;

namespace AiFactory.Gateway.Routing;

/// <summary>The settings under <c>Retries</c>: how often, and how soon, a request that failed before its first token is sent again.</summary>
internal sealed class RetryOptions
{
    public const string Section = "Retries";

    /// <summary>The wait before replicas are asked again that have all failed this request once. It doubles; what is waited is a random part of it.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00", ErrorMessage = "Retries:Delay must lie between 0 and one minute.")]
    public TimeSpan Delay { get; set; } = TimeSpan.FromMilliseconds(100);

    [Range(typeof(TimeSpan), "00:00:00", "00:10:00", ErrorMessage = "Retries:LongestDelay must lie between 0 and ten minutes.")]
    public TimeSpan LongestDelay { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How often the replicas that failed a request are asked again.</summary>
    [Range(0, 20, ErrorMessage = "Retries:MostRounds must lie between 0 and 20.")]
    public int MostRounds { get; set; } = 3;

    /// <summary>The share of a deployment's requests of the last ten seconds that may be sent again after a replica was reached: more would bury one that is overloaded.</summary>
    [Range(0, 10, ErrorMessage = "Retries:BudgetShare must lie between 0 and 10.")]
    public double BudgetShare { get; set; } = 0.2;

    /// <summary>What may be sent again in ten seconds however few requests there are.</summary>
    [Range(0, 1_000_000, ErrorMessage = "Retries:BudgetFloor must lie between 0 and 1000000.")]
    public int BudgetFloor { get; set; } = 100;
}
