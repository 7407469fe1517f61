using AiFactory.Contracts.Library;
using AiFactory.Contracts.Workers;
using AiFactory.ModelLibrary.Deployments;
using AiFactory.ModelLibrary.Loops;
using AiFactory.ModelLibrary.Storage;
using AiFactory.ServiceDefaults.Outcomes;
using AiFactory.ServiceDefaults.Postgres;
using Microsoft.Extensions.Options;

namespace AiFactory.ModelLibrary.Workers;

/// <summary>Takes heartbeats and answers each with the worker's whole desired state.</summary>
internal sealed class WorkerService(
    Database database, WorkerStore workers, AssignmentStore assignments, DeploymentReconciler reconciler, LibrarySignals signals, IOptions<WorkersOptions> options, TimeProvider time)
{
    private const int MaximumModels = 1000;
    private const int LongestZone = 63;

    internal async Task<Outcome<WorkerOrders>> BeatAsync(WorkerHeartbeat heartbeat, CancellationToken cancellationToken)
    {
        if (Validate(heartbeat) is { Any: true } errors)
        {
            return errors.ToOutcome<WorkerOrders>();
        }

        var worker = new WorkerRow
        {
            BaseUrl = heartbeat.BaseUrl.TrimEnd('/'),
            InstanceId = heartbeat.InstanceId,
            State = heartbeat.Draining ? WorkerStates.Draining : WorkerStates.Ready,
            Hardware = heartbeat.Capacity.Hardware,
            Threads = heartbeat.Capacity.Threads,
            MemoryBytes = heartbeat.Capacity.MemoryBytes,
            Zone = heartbeat.Zone is { Length: > 0 } zone ? zone : null,
            LastSeenAt = time.GetUtcNow(),
        };
        var changed = await SaveAsync(worker, heartbeat.Models, cancellationToken);
        if (changed)
        {
            signals.Reconcile.Raise();
            signals.Publish.Raise();
        }

        var orders = await assignments.ListOrdersAsync(worker.BaseUrl, cancellationToken);
        if (!heartbeat.Draining && heartbeat.Models.Any(model => model.State != WorkerModelStates.Unloading && orders.All(order => order.DeploymentId != model.DeploymentId)))
        {
            // Before it is told to unload something: one that was lost and comes back has no orders yet, and is about to be given what it has.
            await reconciler.PlaceAsync(cancellationToken);
            orders = await assignments.ListOrdersAsync(worker.BaseUrl, cancellationToken);
        }

        var settled = !changed && IsSettled(heartbeat, orders) && !await assignments.AnyUnsettledAsync(cancellationToken);
        return new WorkerOrders((settled ? options.Value.HeartbeatInterval : options.Value.BusyInterval).TotalSeconds, orders);
    }

    internal async Task<Outcome<Page<WorkerResponse>>> ListAsync(string? after, int? asked, CancellationToken cancellationToken)
    {
        if (!Paging.TryLimit(asked, out var limit))
        {
            return Paging.BadLimit<Page<WorkerResponse>>();
        }

        var rows = await workers.ListAsync(after ?? "", limit + 1, cancellationToken);
        return Paging.Page(
            rows,
            limit,
            row => new WorkerResponse(row.BaseUrl, row.State, row.Hardware, row.Threads, row.MemoryBytes, (int)row.Deployments, row.LastSeenAt),
            row => row.BaseUrl);
    }

    /// <returns>Whether it says something new.</returns>
    private async Task<bool> SaveAsync(WorkerRow worker, IReadOnlyList<WorkerModelStatus> models, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(cancellationToken);
        var changed = await workers.SaveAsync(transaction, worker, cancellationToken);
        changed |= await workers.SaveModelsAsync(transaction, worker.BaseUrl, models, cancellationToken) > 0;
        await transaction.CommitAsync(cancellationToken);
        return changed;
    }

    /// <summary>Whether the worker does just what it is to do.</summary>
    private static bool IsSettled(WorkerHeartbeat heartbeat, IReadOnlyList<ModelAssignment> orders) =>
        heartbeat.Models.Count == orders.Count
        && orders.All(order => heartbeat.Models.Any(model =>
            model.DeploymentId == order.DeploymentId && model.Digest == order.Digest && model.State is WorkerModelStates.Ready or WorkerModelStates.Failed));

    private static FieldErrors Validate(WorkerHeartbeat heartbeat)
    {
        var errors = new FieldErrors();
        errors.Require(
            Uri.TryCreate(heartbeat.BaseUrl, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.AbsolutePath == "/" && url.Query.Length == 0,
            "baseUrl",
            "A worker's address is http(s)://host:port.");
        errors.Require(!string.IsNullOrWhiteSpace(heartbeat.InstanceId), "instanceId", "A worker needs an instance id.");
        errors.Require(heartbeat.Zone is null || (heartbeat.Zone.Length <= LongestZone && !heartbeat.Zone.Any(char.IsControl)), "zone", $"A zone's name has at most {LongestZone} characters, none of control.");
        errors.Require(heartbeat.Capacity is not null, "capacity", "A worker says what it can do.");
        errors.Require(heartbeat.Models is { Count: <= MaximumModels }, "models", $"A worker lists its models, at most {MaximumModels}.");
        errors.Require(
            heartbeat.Models is null || heartbeat.Models.Select(model => model.DeploymentId).Distinct().Count() == heartbeat.Models.Count,
            "models",
            "A deployment is listed once.");
        return errors;
    }
}
