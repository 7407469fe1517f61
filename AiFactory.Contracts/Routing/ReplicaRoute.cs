namespace AiFactory.Contracts.Routing;

/// <summary>A replica that is ready.</summary>
/// <param name="Id">Stable while the worker keeps its address.</param>
/// <param name="BaseUrl">For example <c>http://localhost:41235</c>; OpenAI's routes lie under <c>/v1</c>.</param>
public sealed record ReplicaRoute(string Id, string BaseUrl);
