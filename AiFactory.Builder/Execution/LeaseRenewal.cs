using AiFactory.ServiceDefaults.Loops;
using AiFactory.ServiceDefaults.Postgres;
using Microsoft.Extensions.Options;

namespace AiFactory.Builder.Execution;

/// <summary>Renews the claims of the steps that run here, all in one statement, and stops those that are not ours any more.</summary>
internal sealed class LeaseRenewal(
    MigrationState migrations, ClaimStore claims, RunningSteps running, IOptions<ExecutionOptions> options, TimeProvider time, ILogger<LeaseRenewal> logger)
    : Loop(migrations, new Signal(), options.Value.Lease / 3, time, logger)
{
    private readonly TimeProvider _time = time;

    /// <summary>A database that is away for a moment must not cost the claims: several attempts come before they run out.</summary>
    protected override TimeSpan PauseLimit => options.Value.Lease / 6;

    public override async Task<bool> RunOnceAsync(CancellationToken cancellationToken)
    {
        var held = running.Claims;
        if (held.Count > 0)
        {
            foreach (var lost in await RenewAsync(held, cancellationToken))
            {
                running.Drop(lost);
            }
        }

        return false;
    }

    /// <summary>An attempt that hangs is given up for another.</summary>
    private async Task<IReadOnlyList<ClaimedStep>> RenewAsync(IReadOnlyList<ClaimedStep> held, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(options.Value.Lease / 3, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            // A connection that is being made does not heed its token: it is left behind.
            return await claims.RenewAsync(held, options.Value.Lease, either.Token).WaitAsync(either.Token);
        }
        catch (OperationCanceledException error) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException("The database did not renew the claims in time.", error);
        }
    }
}
