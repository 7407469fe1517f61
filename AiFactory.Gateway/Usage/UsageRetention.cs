using AiFactory.Gateway.Metering;
using AiFactory.ServiceDefaults.Loops;
using AiFactory.ServiceDefaults.Postgres;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Usage;

/// <summary>Forgets requests that are older than the settings let the ledger keep them.</summary>
internal sealed class UsageRetention(
    UsageReportStore store, MigrationState migrations, IOptions<MeteringOptions> options, TimeProvider time, ILogger<UsageRetention> logger)
    : Loop(migrations, new Signal(), TimeSpan.FromHours(1), time, logger)
{
    private const int AtOnce = 5_000;

    private readonly TimeProvider _time = time;

    public override async Task<bool> RunOnceAsync(CancellationToken cancellationToken) =>
        await store.DeleteBeforeAsync(_time.GetUtcNow() - options.Value.Retention, AtOnce, cancellationToken) == AtOnce;
}
