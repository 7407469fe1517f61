using AiFactory.ServiceDefaults.Loops;
using AiFactory.ServiceDefaults.Postgres;
using Microsoft.Extensions.Options;

namespace AiFactory.Builder.Execution;

/// <summary>Renews the claims of the steps that run here, all in one statement, and stops those that are not ours any more.</summary>
internal sealed class LeaseRenewal(
    MigrationState migrations, ClaimStore claims, RunningSteps running, IOptions<ExecutionOptions> options, TimeProvider time, ILogger<LeaseRenewal> logger)
    : Loop(migrations, new Signal(), options.Value.Lease / 3, time, logger)
{
    public override async Task<bool> RunOnceAsync(CancellationToken cancellationToken)
    {
        var held = running.Claims;
        if (held.Count > 0)
        {
            foreach (var lost in await claims.RenewAsync(held, options.Value.Lease, cancellationToken))
            {
                running.Drop(lost);
            }
        }

        return false;
    }
}
