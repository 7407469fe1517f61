namespace AiFactory.Contracts.Workers;

/// <summary>The library's answer to a heartbeat: the whole desired state of that worker. What is not listed is to be unloaded.</summary>
/// <param name="NextHeartbeatSeconds">When to speak next; a change of a model's state is told at once.</param>
public sealed record WorkerOrders(double NextHeartbeatSeconds, IReadOnlyList<ModelAssignment> Assignments);
