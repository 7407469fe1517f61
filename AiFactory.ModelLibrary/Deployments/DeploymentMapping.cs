using AiFactory.Contracts;
using AiFactory.Contracts.Library;

namespace AiFactory.ModelLibrary.Deployments;

internal static class DeploymentMapping
{
    internal static DeploymentResponse ToResponse(DeploymentRow row, IEnumerable<ReplicaRow> replicas) => new(
        row.Id,
        row.Project,
        row.Name,
        row.Model,
        row.ModelVersion,
        row.VersionId,
        row.Task,
        row.Digest,
        row.Visibility,
        row.Replicas,
        row.ReadyReplicas,
        row.ContextLength,
        row.Slots,
        row.Phase,
        row.Message,
        row.Task switch { ModelTasks.Embedding => "/v1/embeddings", ModelTasks.Rerank => "/v1/rerank", _ => "/v1/chat/completions" },
        row.CreatedBy,
        row.CreatedAt,
        row.UpdatedAt,
        [.. replicas.Select(replica => new ReplicaResponse(
            replica.BaseUrl,
            replica.BaseUrl,
            State(replica),
            replica.StandsIn ? "It serves the former version until it has loaded the new one." : replica.Message,
            replica.Progress,
            replica.MemoryBytes,
            replica.ContextLength,
            replica.LastSeenAt))])
    {
        Quantization = row.Quantization,
        Traffic = DeploymentTraffic.Read(row.Traffic),
        Cache = DeploymentCache.Read(row.Cache),
        Routing = DeploymentRouting.Read(row.Routing),
    };

    private static string State(ReplicaRow replica) => replica switch
    {
        { WorkerState: not Workers.WorkerStates.Ready } => replica.WorkerState,
        { StandsIn: true } => "serving-former",
        _ => replica.State ?? "assigned",
    };

    /// <summary>What the audit keeps of a deployment: its desired state.</summary>
    internal static object ToAudit(DeploymentRow row) =>
        new { row.Name, row.Model, row.ModelVersion, row.VersionId, row.Visibility, row.Replicas, row.ContextLength, row.Slots, row.Quantization, Traffic = DeploymentTraffic.Read(row.Traffic), Cache = DeploymentCache.Read(row.Cache), Routing = DeploymentRouting.Read(row.Routing) };
}
