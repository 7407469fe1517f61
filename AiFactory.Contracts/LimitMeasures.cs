namespace AiFactory.Contracts;

/// <summary>What a limit counts.</summary>
public static class LimitMeasures
{
    public const string Requests = "requests";

    /// <summary>Of prompts and answers together.</summary>
    public const string Tokens = "tokens";

    /// <summary>Money, by the gateway's price table.</summary>
    public const string Cost = "cost";

    /// <summary>Requests at once.</summary>
    public const string Concurrency = "concurrency";

    public static IReadOnlyList<string> All { get; } = [Requests, Tokens, Cost, Concurrency];
}
