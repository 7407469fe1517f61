using AiFactory.Gateway.Routing;
using AiFactory.ServiceDefaults.Loops;
using AiFactory.ServiceDefaults.Postgres;
using Npgsql;

namespace AiFactory.Gateway.Limits;

/// <summary>
/// Hears at once that another gateway needs what this one can do without, or that it gave something back: <c>d</c> or <c>r</c>, the limit's id, the owner. What it does not hear, the
/// keeper finds with its next heartbeat or look.
/// </summary>
internal sealed partial class LeaseListener(LeaseBook book, Tallies tallies, NpgsqlDataSource source, CurrentRoutes routes, MigrationState migrations, TimeProvider time, ILogger<LeaseListener> logger)
    : BackgroundService
{
    private const int IdLength = 36;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await migrations.Completed.WaitAsync(stoppingToken);
            while (true)
            {
                // A connection is not held for nothing.
                var changed = routes.Changed;
                if (routes.Table?.Limits is null)
                {
                    await changed.WaitAsync(stoppingToken);
                    continue;
                }

                await ListenAsync(stoppingToken);
                await Task.Delay(Pause, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
        catch (MigrationException)
        {
            // Their worker has said so.
        }
    }

    private async Task ListenAsync(CancellationToken stoppingToken)
    {
        try
        {
            await using var connection = await source.OpenConnectionAsync(stoppingToken);
            connection.Notification += (_, said) => Hear(said.Payload);
            await using (var listen = new NpgsqlCommand("listen aifactory_limits", connection))
            {
                await listen.ExecuteNonQueryAsync(stoppingToken);
            }

            while (true)
            {
                await connection.WaitAsync(stoppingToken);
            }
        }
        catch (Exception error) when (Loop.IsInfrastructure(error) && !stoppingToken.IsCancellationRequested)
        {
            LogDeaf(logger, error.Message);
        }
    }

    private void Hear(string said)
    {
        if (said.Length > IdLength && Guid.TryParseExact(said.AsSpan(1, IdLength), "D", out var limit) && tallies.Find(limit, said[(IdLength + 1)..]) is { } tally && (said[0] == 'd' || tally.HasWaiting))
        {
            book.Ask(tally);
        }
    }

    [LoggerMessage(1914, LogLevel.Warning, "What other gateways need of limits is not heard for a moment, and found more slowly: {Reason}")]
    private static partial void LogDeaf(ILogger logger, string reason);
}
