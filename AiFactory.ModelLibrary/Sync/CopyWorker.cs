using AiFactory.Contracts.Library;
using AiFactory.Contracts.Workers;
using AiFactory.ModelLibrary.Loops;
using AiFactory.ModelLibrary.Models;
using AiFactory.ModelLibrary.Sources;
using AiFactory.ServiceDefaults.Loops;
using AiFactory.ServiceDefaults.Objects;
using AiFactory.ServiceDefaults.Postgres;
using Microsoft.Extensions.Options;

namespace AiFactory.ModelLibrary.Sync;

/// <summary>Claims a discovered version and brings its bytes into object storage.</summary>
internal sealed partial class CopyWorker(
    MigrationState migrations,
    LibrarySignals signals,
    SourceStore sources,
    ArtifactStore artifacts,
    VersionStore versions,
    VersionSteps steps,
    SourceConnectors connectors,
    ArtifactCopy copy,
    Leases leases,
    IOptions<SyncOptions> options,
    LibraryTelemetry telemetry,
    TimeProvider time,
    ILogger<CopyWorker> logger) : Loop(migrations, signals.Copy, TimeSpan.FromSeconds(1), time, logger)
{
    internal const string Actor = "system:sync";

    private readonly TimeProvider _time = time;
    private readonly ILogger<CopyWorker> _logger = logger;

    public override async Task<bool> RunOnceAsync(CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        var lease = Guid.CreateVersion7(now);
        if (await versions.ClaimAsync(ModelVersionStates.Discovered, lease, now, now + leases.Duration, cancellationToken) is not { } claimed)
        {
            return false;
        }

        using var activity = telemetry.StartCopy(claimed.Id);
        try
        {
            await leases.HoldAsync(
                (until, token) => versions.RenewAsync(claimed.Id, lease, until, token),
                token => StepAsync(claimed, token),
                cancellationToken);
        }
        catch (Exception error) when (IsInfrastructure(error) && error is not LeaseLostException)
        {
            await PostponeOrGiveUpAsync(claimed, error, cancellationToken);
        }

        signals.Scan.Raise();
        return true;
    }

    private async Task<bool> StepAsync(VersionRow claimed, CancellationToken cancellationToken)
    {
        var source = await sources.FindByIdAsync(claimed.SourceId, cancellationToken);
        if (source is null || connectors.Find(source.Kind) is not { } connector)
        {
            return await FailAsync(claimed, "Its source is not there any more.", cancellationToken);
        }

        try
        {
            var paths = SplitName.PathsOf(claimed.SourcePath).ToList();
            var files = new List<CopiedArtifact>();
            foreach (var path in paths)
            {
                if (await copy.RunAsync(connector, source.Location, path, cancellationToken) is not { } file)
                {
                    return await FailAsync(claimed with { Parts = PartsOf(files) }, $"The file {path} was removed from the source before it was copied.", cancellationToken);
                }

                files.Add(file);
            }

            // One file is whole whenever it is read. Of several, some may be of another model by now.
            if (paths.Count > 1 && await FindChangedAsync(connector, source, claimed, paths, cancellationToken) is { } changed)
            {
                return await FailAsync(
                    claimed with { Parts = PartsOf(files) },
                    $"The file {changed} is not as it was when the model was found: the files that were copied may not belong together. The next sync takes all of them as they are then.",
                    cancellationToken);
            }

            var next = claimed with
            {
                State = ModelVersionStates.Scanning,
                Reason = null,
                Digest = ContentHash.Digest([.. files.Select(file => file.Hex)]),
                ObjectKey = ContentHash.ObjectKey(files[0].Hex),
                SizeBytes = files.Sum(file => file.Size),
                Parts = paths.Count == 1 ? null : PartsOf(files),

                // The source may have been pointed elsewhere since the file was discovered.
                SourceChangedBy = [.. claimed.SourceChangedBy.Append(source.ChangedBy).Distinct(StringComparer.Ordinal)],
            };
            var how = files.All(file => file.WasThere) ? "These bytes lay in object storage already" : "Copied to object storage";
            return await steps.AdvanceAsync(
                claimed,
                next,
                "model.copied",
                Actor,
                [new StepEvidence(EvidenceStages.Copied, EvidenceStages.Passed, $"{how}: {next.SizeBytes} bytes{(files.Count == 1 ? "" : $" in {files.Count} files")}, {next.Digest}.")],
                cancellationToken);
        }
        catch (SourceException error)
        {
            return await FailAsync(claimed, error.Message, cancellationToken);
        }
    }

    /// <summary>The first of a model's files whose size or time is not what the sync saw; null when there is none.</summary>
    private async Task<string?> FindChangedAsync(ISourceConnector connector, SourceRow source, VersionRow claimed, IReadOnlyList<string> paths, CancellationToken cancellationToken)
    {
        var seen = (await artifacts.ListAsync(source.Id, cancellationToken)).Where(file => file.VersionId == claimed.Id).ToDictionary(file => file.Path, StringComparer.Ordinal);
        foreach (var path in paths)
        {
            await using var now = await connector.OpenAsync(source.Location, path, cancellationToken);
            if (now is null || seen.GetValueOrDefault(path) is not { } then || (now.Size, now.ModifiedAt) != (then.SizeBytes, then.ModifiedAt))
            {
                return path;
            }
        }

        return null;
    }

    /// <summary>What lies in object storage, also where not all of it came: nothing else says whose it is.</summary>
    private static string? PartsOf(List<CopiedArtifact> files) =>
        files.Count == 0 ? null : ModelParts.ToJson(files.Select(file => new ModelPart(ContentHash.ObjectKey(file.Hex), ContentHash.Digest(file.Hex), file.Size)));

    private Task<bool> FailAsync(VersionRow claimed, string reason, CancellationToken cancellationToken)
    {
        LogGivenUp(_logger, claimed.Model, claimed.Version, reason);
        return steps.AdvanceAsync(
            claimed,
            claimed with { State = ModelVersionStates.Failed, Reason = reason },
            "model.copy-failed",
            Actor,
            [new StepEvidence(EvidenceStages.Copied, EvidenceStages.Failed, reason)],
            cancellationToken);
    }

    private async Task PostponeOrGiveUpAsync(VersionRow claimed, Exception error, CancellationToken cancellationToken)
    {
        if (claimed.Attempts >= options.Value.Attempts)
        {
            await FailAsync(claimed, $"Copying failed {claimed.Attempts} times, the last time because: {error.Message}", cancellationToken);
            return;
        }

        var pause = Retries.Pause(claimed.Attempts);
        LogPostponed(_logger, error, claimed.Model, claimed.Version, claimed.Attempts, pause.TotalSeconds);
        await versions.PostponeAsync(claimed, $"Copying failed and is tried again: {error.Message}", _time.GetUtcNow() + pause, cancellationToken);
    }

    [LoggerMessage(2111, LogLevel.Warning, "Copying {Model} version {Version} failed at attempt {Attempt} and goes on in {Seconds} s")]
    private static partial void LogPostponed(ILogger logger, Exception error, string model, int version, int attempt, double seconds);

    [LoggerMessage(2112, LogLevel.Error, "Copying {Model} version {Version} is given up: {Reason}")]
    private static partial void LogGivenUp(ILogger logger, string model, int version, string reason);
}
