using AiFactory.ModelLibrary.Workers;
using Microsoft.Extensions.Options;

namespace AiFactory.ModelLibrary.Deployments.Local;

/// <summary>
/// Tells which workers live. A worker is lost after three missed heartbeats, or as soon as its machine says that nothing listens at its address. While the
/// library itself or its database was away no heartbeat could arrive: then silence is forgiven for a while, so that a restart of the control plane never
/// takes a working replica out of the routes.
/// </summary>
internal sealed class WorkerWatch(IWorkerProbe probe, IOptions<WorkersOptions> options, TimeProvider time)
{
    private DateTimeOffset? _watchingSince;
    private DateTimeOffset _lastPass;

    /// <summary>Must be called at every pass of the reconciler: a longer pause between two calls is an absence.</summary>
    internal async Task<IReadOnlyList<WorkerView>> LookAsync(IReadOnlyList<WorkerRow> workers, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (_watchingSince is null || now - _lastPass > options.Value.LostAfter)
        {
            _watchingSince = now;
        }

        _lastPass = now;
        var since = _watchingSince.Value;
        return await Task.WhenAll(workers.Select(async worker => new WorkerView(worker.BaseUrl, await JudgeAsync(worker, since, now, cancellationToken))));
    }

    private async Task<Liveness> JudgeAsync(WorkerRow worker, DateTimeOffset since, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (worker.State == WorkerStates.Lost)
        {
            return Liveness.Lost;
        }

        var silence = now - worker.LastSeenAt;
        if (silence > options.Value.HeartbeatInterval * 1.5 && await probe.IsGoneAsync(worker.BaseUrl, cancellationToken))
        {
            return Liveness.Lost;
        }

        var forgiven = now - since <= options.Value.Grace;
        var heard = now - (worker.LastSeenAt > since ? worker.LastSeenAt : since) <= options.Value.LostAfter;
        return worker.State == WorkerStates.Draining
            ? silence <= options.Value.LostAfter ? Liveness.Draining : Liveness.Lost
            : heard ? Liveness.Live : forgiven ? Liveness.Silent : Liveness.Lost;
    }
}
