using AiFactory.ModelLibrary.Storage;
using AiFactory.ModelLibrary.Workers;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.ModelLibrary.Deployments.Local;

/// <summary>Assigns deployments to the workers that heartbeat.</summary>
internal sealed partial class LocalTarget(
    Database database, WorkerStore workers, AssignmentStore assignments, WorkerWatch watch, TimeProvider time, ILogger<LocalTarget> logger) : IDeploymentTarget
{
    /// <summary>How long a lost worker is still listed.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromHours(1);

    public async Task<ILookup<Guid, ReplicaRow>> ReconcileAsync(IReadOnlyList<DeploymentRow> desired, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(cancellationToken);
        await assignments.LockAsync(transaction, cancellationToken);

        // 1. Who lives.
        var now = time.GetUtcNow();
        var known = await workers.ListAsync(transaction, cancellationToken);
        var views = await watch.LookAsync(known, cancellationToken);
        foreach (var worker in known.Where(worker => worker.State != WorkerStates.Lost && views.Any(view => view.BaseUrl == worker.BaseUrl && view.Liveness == Liveness.Lost)))
        {
            if (await workers.MarkLostAsync(transaction, worker.BaseUrl, worker.LastSeenAt, cancellationToken) > 0)
            {
                LogLost(logger, worker.BaseUrl, (now - worker.LastSeenAt).TotalSeconds);
            }
        }

        // 2. Who is to serve what.
        var placed = await assignments.ListAsync(transaction, cancellationToken);
        var observed = (await assignments.ListReplicasAsync(transaction, cancellationToken)).ToLookup(replica => replica.DeploymentId);
        var plan = Placement.Plan(desired, views, placed, observed, now);
        foreach (var assignment in plan.Remove)
        {
            await assignments.RemoveAsync(transaction, assignment, cancellationToken);
            LogRemoved(logger, assignment.DeploymentId, assignment.BaseUrl);
        }

        foreach (var assignment in plan.Add)
        {
            await assignments.AddAsync(transaction, assignment, cancellationToken);
            LogAssigned(logger, assignment.DeploymentId, assignment.BaseUrl);
        }

        await workers.ForgetAsync(transaction, now - Remembered, cancellationToken);
        var after = await assignments.ListReplicasAsync(transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return after.ToLookup(replica => replica.DeploymentId);
    }

    [LoggerMessage(2301, LogLevel.Warning, "Worker {Worker} is lost: it was last heard of {Seconds:0.0} s ago")]
    private static partial void LogLost(ILogger logger, string worker, double seconds);

    [LoggerMessage(2302, LogLevel.Information, "Deployment {Deployment} is assigned to worker {Worker}")]
    private static partial void LogAssigned(ILogger logger, Guid deployment, string worker);

    [LoggerMessage(2303, LogLevel.Information, "Deployment {Deployment} is taken from worker {Worker}")]
    private static partial void LogRemoved(ILogger logger, Guid deployment, string worker);
}
