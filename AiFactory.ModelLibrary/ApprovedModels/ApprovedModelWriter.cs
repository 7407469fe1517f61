using AiFactory.ModelLibrary.Auditing;
using AiFactory.ModelLibrary.Kubernetes;
using AiFactory.ModelLibrary.Loops;
using AiFactory.ServiceDefaults.Loops;
using AiFactory.ServiceDefaults.Postgres;
using Microsoft.Extensions.Options;

namespace AiFactory.ModelLibrary.ApprovedModels;

/// <summary>
/// Told of an act in this library, and looking each second for one of another, it writes; now and then it looks for itself at what the cluster says. In one library of several, and in none
/// outside a cluster. A server that is away is waited for, each namespace for itself.
/// </summary>
internal sealed partial class ApprovedModelWriter(
    MigrationState migrations,
    ApprovedModelPublisher publisher,
    WriterLease lease,
    AuditStore audit,
    LibrarySignals signals,
    IOptions<KubernetesOptions> options,
    LibraryTelemetry telemetry,
    TimeProvider time,
    ILogger<ApprovedModelWriter> logger) : Loop(migrations, signals.Approve, TimeSpan.FromSeconds(1), time, logger)
{
    private readonly TimeProvider _time = time;
    private readonly ILogger<ApprovedModelWriter> _logger = logger;

    internal IReadOnlyList<ProjectNamespace> Namespaces { get; } =
        [.. options.Value.Namespaces.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => new ProjectNamespace(entry.Key, entry.Value, options.Value.Resync))];

    public override async Task<bool> RunOnceAsync(CancellationToken cancellationToken)
    {
        if (await lease.TryTakeAsync(cancellationToken))
        {
            var act = await audit.MarkAsync(cancellationToken);
            var now = _time.GetUtcNow();
            List<ProjectNamespace> due = [.. Namespaces.Where(place => place.IsDue(act, now))];
            if (due.Count > 0)
            {
                await lease.HoldAsync(token => WriteAsync(due, act, token), cancellationToken);
            }
        }
        else
        {
            foreach (var place in Namespaces)
            {
                place.Forget();
            }
        }

        telemetry.Behind(Namespaces.Count(place => place.Failure is not null));
        return false;
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (!options.Value.IsOn)
        {
            return;
        }

        try
        {
            await lease.ReleaseAsync(cancellationToken);
        }
        catch (Exception error) when (IsInfrastructure(error) || error is OperationCanceledException)
        {
            // It runs out by itself.
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => options.Value.IsOn ? base.ExecuteAsync(stoppingToken) : Task.CompletedTask;

    private async Task WriteAsync(IEnumerable<ProjectNamespace> due, AuditMark act, CancellationToken cancellationToken)
    {
        foreach (var place in due)
        {
            try
            {
                var writes = await publisher.PublishAsync(place.Project, place.Name, cancellationToken);
                if (writes > 0 || place.Failure is not null)
                {
                    LogWritten(_logger, place.Project, place.Name, writes);
                }

                place.Succeeded(act, _time.GetUtcNow());
            }
            catch (KubernetesException error)
            {
                var said = place.Failure?.Message;
                var pause = place.Failed(error, act, _time.GetUtcNow());
                if (said != error.Message)
                {
                    LogFailed(_logger, place.Project, place.Name, error.Kind, error.Message, pause.TotalSeconds);
                }
            }
        }
    }

    [LoggerMessage(2601, LogLevel.Information, "Namespace {Namespace} says what project {Project} has approved, after {Writes} writes")]
    private static partial void LogWritten(ILogger logger, string project, string @namespace, int writes);

    [LoggerMessage(2602, LogLevel.Warning, "Namespace {Namespace} does not say what project {Project} has approved, for {Kind}: {Failure}. It is tried again in {Seconds} s, and later less often")]
    private static partial void LogFailed(ILogger logger, string project, string @namespace, string kind, string failure, double seconds);
}
