using AiFactory.ModelLibrary.Loops;
using AiFactory.ServiceDefaults.Loops;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.ModelLibrary.Deployments;

/// <summary>Drives what is observed towards what is desired, and writes down how far it is.</summary>
internal sealed partial class DeploymentReconciler(
    MigrationState migrations, LibrarySignals signals, DeploymentStore deployments, IDeploymentTarget target, TimeProvider time, ILogger<DeploymentReconciler> logger)
    : Loop(migrations, signals.Reconcile, TimeSpan.FromSeconds(1), time, logger)
{
    private readonly ILogger<DeploymentReconciler> _logger = logger;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private long _asked;
    private long _answered;

    public override async Task<bool> RunOnceAsync(CancellationToken cancellationToken)
    {
        var desired = await deployments.ListAllAsync(cancellationToken);
        var observed = await target.ReconcileAsync([.. desired.Select(Allowed)], cancellationToken);
        foreach (var deployment in desired)
        {
            var status = DeploymentStatus.Of(deployment, [.. observed[deployment.Id]]);
            if (await deployments.ObserveAsync(deployment, status, cancellationToken) > 0 && status.Phase != deployment.Phase)
            {
                LogPhase(_logger, deployment.Project, deployment.Name, status.Phase, status.Message);
            }
        }

        signals.Publish.Raise();
        return false;
    }

    /// <summary>Until a step has been taken that began after the call. Those who ask while one is taken share the next: a fleet that comes back costs a few.</summary>
    internal async Task PlaceAsync(CancellationToken cancellationToken)
    {
        var mine = Interlocked.Increment(ref _asked);
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_answered < mine)
            {
                var all = Interlocked.Read(ref _asked);
                await RunOnceAsync(cancellationToken);
                _answered = all;
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    public override void Dispose()
    {
        _turn.Dispose();
        base.Dispose();
    }

    /// <summary>What is revoked runs nowhere, whatever was asked for.</summary>
    private static DeploymentRow Allowed(DeploymentRow desired) => desired.Revoked is null ? desired : desired with { Replicas = 0 };

    [LoggerMessage(2311, LogLevel.Information, "Deployment {Project}/{Deployment} is {Phase}. {Message}")]
    private static partial void LogPhase(ILogger logger, string project, string deployment, string phase, string? message);
}
