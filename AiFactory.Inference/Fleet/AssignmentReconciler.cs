using AiFactory.Contracts.Workers;
using AiFactory.Inference.Adapters;
using AiFactory.Inference.Engine;
using AiFactory.Inference.Lifecycle;
using AiFactory.Inference.Serving;
using Microsoft.Extensions.Options;

namespace AiFactory.Inference.Fleet;

/// <summary>Makes what runs equal to what was ordered. What is not concerned is not touched.</summary>
internal sealed partial class AssignmentReconciler(DeploymentRunner runner, ModelRegistry registry, ModelPowers powers, DeployedAdapters adapters, IOptions<EngineOptions> engine, ILogger<AssignmentReconciler> logger)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, Running> _running = [];
    private bool _stopped;

    public void Apply(IReadOnlyList<ModelAssignment> desired)
    {
        lock (_gate)
        {
            if (_stopped)
            {
                return;
            }

            foreach (var gone in _running.Keys.Except(desired.Select(assignment => assignment.DeploymentId)).ToList())
            {
                LogUnloading(logger, _running[gone].Assignment.Deployment);
                _ = UnloadAsync(Take_NeedsLock(gone), engine.Value.DrainTimeout, forget: true);
            }

            foreach (var assignment in desired)
            {
                if (!_running.TryGetValue(assignment.DeploymentId, out var current))
                {
                    Start_NeedsLock(assignment, Task.FromResult<DeployedModel?>(null));
                }
                else if (!IsSame(current.Assignment, assignment))
                {
                    var previous = Take_NeedsLock(assignment.DeploymentId);
                    Start_NeedsLock(assignment, previous.Task);
                }
            }
        }
    }

    /// <summary>Lets answers in progress end within the grace, then ends all. Nothing starts any more.</summary>
    /// <param name="cancellationToken">Ends the wait for what cannot be broken off, such as weights that llama.cpp packs: that ends with the process.</param>
    public async Task StopAsync(TimeSpan grace, CancellationToken cancellationToken)
    {
        List<Running> running;
        lock (_gate)
        {
            _stopped = true;
            running = [.. _running.Keys.ToList().Select(Take_NeedsLock)];
        }

        try
        {
            await Task.WhenAll(running.Select(one => UnloadAsync(one, grace, forget: false))).WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            LogLeft(logger);
        }
    }

    /// <summary>A list is equal to itself alone.</summary>
    private static bool IsSame(ModelAssignment one, ModelAssignment other) =>
        one with { Parts = null } == other with { Parts = null } && (one.Parts ?? []).SequenceEqual(other.Parts ?? []);

    private void Start_NeedsLock(ModelAssignment assignment, Task<DeployedModel?> previous)
    {
        var cancellation = new CancellationTokenSource();
        var token = cancellation.Token;
        _running[assignment.DeploymentId] = new Running(assignment, cancellation, Task.Run(async () => await runner.RunAsync(assignment, await previous, token)));
    }

    private Running Take_NeedsLock(Guid deployment)
    {
        _running.Remove(deployment, out var running);
        // The caller has just found it under the same lock.
        running!.Cancellation.Cancel();
        return running;
    }

    private async Task UnloadAsync(Running running, TimeSpan grace, bool forget)
    {
        var model = await running.Task;
        if (forget)
        {
            UnlessAssignedAgain(running.Assignment, assignment => registry.Set(
                assignment, new WorkerModelStatus(assignment.DeploymentId, assignment.Digest, WorkerModelStates.Unloading, null, null, model?.MemoryBytes, null)));
        }

        await (model?.UnloadAsync(grace) ?? Task.CompletedTask);
        running.Cancellation.Dispose();
        if (forget)
        {
            UnlessAssignedAgain(running.Assignment, assignment =>
            {
                registry.Remove(assignment.DeploymentId);
                powers.Forget(assignment.DeploymentId);
                adapters.Forget(assignment.DeploymentId);
            });
        }
    }

    private void UnlessAssignedAgain(ModelAssignment assignment, Action<ModelAssignment> action)
    {
        lock (_gate)
        {
            if (!_running.ContainsKey(assignment.DeploymentId))
            {
                action(assignment);
            }
        }
    }

    private sealed record Running(ModelAssignment Assignment, CancellationTokenSource Cancellation, Task<DeployedModel?> Task);

    [LoggerMessage(3322, LogLevel.Warning, "The time to stop is over, and not every model is unloaded: the rest ends with the process")]
    private static partial void LogLeft(ILogger logger);

    [LoggerMessage(3321, LogLevel.Information, "{Deployment} is no longer assigned here: unloading it")]
    private static partial void LogUnloading(ILogger logger, string deployment);
}
