namespace AiFactory.Contracts.Routing;

/// <summary>A replica that is ready.</summary>
/// <param name="Id">Stable while the worker keeps its address.</param>
/// <param name="BaseUrl">For example <c>http://localhost:41235</c>; OpenAI's routes lie under <c>/v1</c>.</param>
public sealed record ReplicaRoute(string Id, string BaseUrl)
{
    /// <summary>Where it runs, in the words of whoever runs it; null where that is not said.</summary>
    public string? Zone { get; init; }
}
