using System.Text.Json;
using AiFactory.Builder.Execution;
using AiFactory.ServiceDefaults.Loops;
using AiFactory.ServiceDefaults.Postgres;
using Npgsql;

namespace AiFactory.Builder.Runs;

/// <summary>
/// Hears from the database what other processes have done, on the channel <c>builder</c>:
/// <code>
/// advance           a run waits for the orchestrator
/// ready             a step waits for an executor
/// run:0197...       a run has new events
/// cancel:0197...    a run has ended before its steps
/// delta:{...}       a piece of text (see <see cref="RunDelta"/>)
/// </code>
/// A notification that is missed costs time and nothing else: every loop also looks by itself.
/// </summary>
internal sealed partial class RunListener(
    NpgsqlDataSource source,
    MigrationState migrations,
    RunSignals signals,
    RunFeed feed,
    RunningSteps running,
    TimeProvider time,
    ILogger<RunListener> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await migrations.Completed.WaitAsync(stoppingToken);
            while (true)
            {
                try
                {
                    await ListenAsync(stoppingToken);
                }
                catch (Exception error) when (Loop.IsInfrastructure(error) && !stoppingToken.IsCancellationRequested)
                {
                    LogLost(logger, error);
                    await Task.Delay(Pause, time, stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
        catch (MigrationException)
        {
            // Said by the worker of the migrations; the service is not ready.
        }
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        connection.Notification += (_, notification) => Hear(notification.Payload);
        await using (var command = new NpgsqlCommand("listen builder", connection))
        {
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        // Whatever was said before this moment went unheard.
        signals.Advance.Raise();
        signals.Ready.Raise();
        feed.ChangedAll();
        while (true)
        {
            await connection.WaitAsync(cancellationToken);
        }
    }

    internal void Hear(string payload)
    {
        var (kind, rest) = payload.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon ? (payload[..colon], payload[(colon + 1)..]) : (payload, "");
        switch (kind)
        {
            case "advance":
                signals.Advance.Raise();
                break;
            case "ready":
                signals.Ready.Raise();
                break;
            case "run" when Guid.TryParse(rest, out var run):
                feed.Changed(run);
                break;
            case "cancel" when Guid.TryParse(rest, out var run):
                running.Cancel(run);
                break;
            case "delta" when JsonSerializer.Deserialize(rest, RunJson.Default.RunDelta) is { } delta && delta.Process != feed.Process:
                feed.Publish(delta);
                break;
        }
    }

    [LoggerMessage(4101, LogLevel.Warning, "The connection that hears of runs was lost; it is opened again, and until then runs are looked for now and then")]
    private static partial void LogLost(ILogger logger, Exception error);
}
