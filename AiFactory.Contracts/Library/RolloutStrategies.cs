namespace AiFactory.Contracts.Library;

public static class RolloutStrategies
{
    /// <summary>Share by share.</summary>
    public const string Canary = "canary";

    /// <summary>All at once, and watched: a canary of one step.</summary>
    public const string BlueGreen = "blueGreen";
}
