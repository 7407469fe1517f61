using AiFactory.Contracts.Library;
using AiFactory.ModelLibrary.Loops;
using AiFactory.ModelLibrary.Models;
using AiFactory.ModelLibrary.Sync;
using AiFactory.ServiceDefaults.Loops;
using AiFactory.ServiceDefaults.Postgres;
using Microsoft.Extensions.Options;

namespace AiFactory.ModelLibrary.Scanning;

/// <summary>Claims a copied version and has it scanned.</summary>
internal sealed partial class ScanWorker(
    MigrationState migrations,
    LibrarySignals signals,
    VersionStore versions,
    VersionSteps steps,
    ScanService scans,
    Leases leases,
    IOptions<SyncOptions> options,
    LibraryTelemetry telemetry,
    TimeProvider time,
    ILogger<ScanWorker> logger) : Loop(migrations, signals.Scan, TimeSpan.FromSeconds(1), time, logger)
{
    private readonly TimeProvider _time = time;
    private readonly ILogger<ScanWorker> _logger = logger;

    public override async Task<bool> RunOnceAsync(CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        var lease = Guid.CreateVersion7(now);
        if (await versions.ClaimAsync(ModelVersionStates.Scanning, lease, now, now + leases.Duration, cancellationToken) is not { } claimed)
        {
            return false;
        }

        // Whoever began it so often did not live to say why: this process shall, and so shall the models behind it.
        if (claimed.Attempts > options.Value.Attempts)
        {
            await GiveUpAsync(claimed, $"Scanning was begun {claimed.Attempts - 1} times and never came to an end.", cancellationToken);
            return true;
        }

        using var activity = telemetry.StartScan(claimed.Id);
        try
        {
            var passed = await leases.HoldAsync(
                (until, token) => versions.RenewAsync(claimed.Id, lease, until, token),
                token => scans.ScanAsync(claimed, token),
                cancellationToken);
            telemetry.Scanned(passed);
            LogScanned(_logger, claimed.Model, claimed.Version, passed ? "passed" : "was quarantined");
        }
        catch (Exception error) when (IsInfrastructure(error) && error is not LeaseLostException)
        {
            await PostponeOrGiveUpAsync(claimed, error, cancellationToken);
        }

        return true;
    }

    private async Task PostponeOrGiveUpAsync(VersionRow claimed, Exception error, CancellationToken cancellationToken)
    {
        if (claimed.Attempts < options.Value.Attempts)
        {
            var pause = Retries.Pause(claimed.Attempts);
            LogPostponed(_logger, error, claimed.Model, claimed.Version, claimed.Attempts, pause.TotalSeconds);
            await versions.PostponeAsync(claimed, $"Scanning failed and is tried again: {error.Message}", _time.GetUtcNow() + pause, cancellationToken);
            return;
        }

        await GiveUpAsync(claimed, $"Scanning failed {claimed.Attempts} times, the last time because: {error.Message}", cancellationToken);
    }

    private Task<bool> GiveUpAsync(VersionRow claimed, string reason, CancellationToken cancellationToken) => steps.AdvanceAsync(
        claimed,
        claimed with { State = ModelVersionStates.Failed, Reason = reason },
        "model.scan-failed",
        ScanService.Actor,
        [new StepEvidence(EvidenceStages.Scanned, EvidenceStages.Failed, reason)],
        cancellationToken);

    [LoggerMessage(2201, LogLevel.Information, "The scan of {Model} version {Version} {Outcome}")]
    private static partial void LogScanned(ILogger logger, string model, int version, string outcome);

    [LoggerMessage(2202, LogLevel.Warning, "Scanning {Model} version {Version} failed at attempt {Attempt} and goes on in {Seconds} s")]
    private static partial void LogPostponed(ILogger logger, Exception error, string model, int version, int attempt, double seconds);
}
