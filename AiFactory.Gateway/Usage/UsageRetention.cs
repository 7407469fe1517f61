using AiFactory.Gateway.Metering;
using AiFactory.Gateway.Variants;
using AiFactory.ServiceDefaults.Loops;
using AiFactory.ServiceDefaults.Postgres;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Usage;

/// <summary>Forgets requests, and what was said of their answers, that are older than the settings let the ledger keep them.</summary>
internal sealed class UsageRetention(
    UsageReportStore store, VariantStore scores, MigrationState migrations, IOptions<MeteringOptions> options, TimeProvider time, ILogger<UsageRetention> logger)
    : Loop(migrations, new Signal(), TimeSpan.FromHours(1), time, logger)
{
    private const int AtOnce = 5_000;

    private readonly TimeProvider _time = time;

    public override async Task<bool> RunOnceAsync(CancellationToken cancellationToken)
    {
        var before = _time.GetUtcNow() - options.Value.Retention;
        var (requests, said) = (await store.DeleteBeforeAsync(before, AtOnce, cancellationToken), await scores.DeleteBeforeAsync(before, AtOnce, cancellationToken));
        return requests == AtOnce || said == AtOnce;
    }
}
