using System.Text.Json;
using AiFactory.Contracts.Routing;
using AiFactory.ModelLibrary.Loops;
using AiFactory.ServiceDefaults.Loops;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.ModelLibrary.Routing;

/// <summary>Publishes a new snapshot whenever what it would say differs from what the last one said, and only then.</summary>
internal sealed partial class SnapshotPublisher(
    MigrationState migrations,
    LibrarySignals signals,
    SnapshotStore store,
    SnapshotBuilder snapshots,
    SnapshotFeed feed,
    TimeProvider time,
    ILogger<SnapshotPublisher> logger) : Loop(migrations, signals.Publish, TimeSpan.FromSeconds(1), time, logger)
{
    private readonly TimeProvider _time = time;
    private readonly ILogger<SnapshotPublisher> _logger = logger;

    public override async Task<bool> RunOnceAsync(CancellationToken cancellationToken)
    {
        var last = await store.FindAsync(cancellationToken);
        if (feed.Current is null && last is not null)
        {
            // After a restart the last word holds until a new one is built.
            feed.Set(Read(last));
        }

        var content = JsonSerializer.Serialize(await snapshots.BuildAsync(cancellationToken), JsonSerializerOptions.Web);
        if (last?.Content != content)
        {
            last = await store.PublishAsync(content, last?.Version ?? 0, _time.GetUtcNow(), cancellationToken);
            if (last is null)
            {
                return true;
            }

            LogPublished(_logger, last.Version);
        }

        feed.Set(Read(last));
        return false;
    }

    private static RoutingSnapshot Read(SnapshotRow row)
    {
        var content = JsonSerializer.Deserialize<SnapshotContent>(row.Content, JsonSerializerOptions.Web)
            ?? throw new InvalidOperationException($"Snapshot {row.Version} is empty.");
        return new RoutingSnapshot(row.Version, row.PublishedAt, content.Keys, content.Deployments) { Projects = content.Projects, Limits = content.Limits, Guardrails = content.Guardrails };
    }

    [LoggerMessage(2401, LogLevel.Debug, "Routing snapshot {Version} is published")]
    private static partial void LogPublished(ILogger logger, long version);
}
