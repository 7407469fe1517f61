using System.Globalization;
using AiFactory.Contracts.Library;
using AiFactory.Contracts.Workers;

namespace AiFactory.ModelLibrary.Deployments;

/// <summary>What is observed of a deployment, in one word and one sentence.</summary>
internal sealed record DeploymentStatus(string Phase, string? Message, int ReadyReplicas)
{
    internal static DeploymentStatus Of(DeploymentRow deployment, IReadOnlyList<ReplicaRow> replicas) => deployment.Revoked is { } reason
        ? new DeploymentStatus(DeploymentPhases.Revoked, $"Model version revoked: {reason}", replicas.Count(replica => replica.Serves))
        : Of(deployment.Replicas, replicas);

    private static DeploymentStatus Of(int desired, IReadOnlyList<ReplicaRow> replicas)
    {
        var ready = replicas.Count(replica => replica.Serves);
        if (desired == 0)
        {
            return new DeploymentStatus(DeploymentPhases.Stopped, "It is stopped: 0 replicas are desired.", ready);
        }

        if (ready >= desired)
        {
            return new DeploymentStatus(DeploymentPhases.Ready, null, ready);
        }

        var others = replicas.Where(replica => !replica.Serves).ToList();
        var failed = others.Where(replica => replica.State == WorkerModelStates.Failed).ToList();
        var missing = desired - replicas.Count;
        string[] sentences =
        [
            .. failed.Take(1).Select(replica => $"Worker {replica.BaseUrl} failed: {replica.Message ?? "it did not say why"}."),
            .. others.Except(failed).Take(1).Select(Describe),
            .. missing > 0 ? (string[])[replicas.Count == 0 ? "It waits for a worker." : $"{missing} of {desired} replicas wait for a worker."] : [],
        ];
        var phase = ready > 0 ? DeploymentPhases.Degraded
            : replicas.Count == 0 ? DeploymentPhases.Pending
            : failed.Count == others.Count ? DeploymentPhases.Failed
            : DeploymentPhases.Progressing;
        return new DeploymentStatus(phase, string.Join(" ", sentences), ready);
    }

    private static string Describe(ReplicaRow replica) => replica.State switch
    {
        WorkerModelStates.Fetching when replica.Progress is { } progress =>
            string.Create(CultureInfo.InvariantCulture, $"Worker {replica.BaseUrl} fetches the weights: {progress:P0}."),
        WorkerModelStates.Fetching => $"Worker {replica.BaseUrl} fetches the weights.",
        WorkerModelStates.Loading => $"Worker {replica.BaseUrl} loads the model.",
        WorkerModelStates.Ready => $"Worker {replica.BaseUrl} is {replica.WorkerState}.",
        WorkerModelStates.Sleeping or WorkerModelStates.Unloaded => $"Worker {replica.BaseUrl} was told to keep the model out of memory: it is {replica.State}.",
        null when replica.StandsIn => $"Worker {replica.BaseUrl} serves the former version until it has loaded the new one.",
        null => $"Worker {replica.BaseUrl} has the order and has not answered it yet.",
        var state => $"Worker {replica.BaseUrl} is {state} it.",
    };
}
