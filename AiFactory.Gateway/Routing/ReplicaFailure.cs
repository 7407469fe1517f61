namespace AiFactory.Gateway.Routing;

/// <summary>What last went wrong at a replica.</summary>
/// <param name="Reason">In a few words, which name no address and repeat nothing that it answered.</param>
internal sealed record ReplicaFailure(DateTimeOffset At, string Reason);
