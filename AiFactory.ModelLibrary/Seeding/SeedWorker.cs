using AiFactory.ModelLibrary.Loops;
using AiFactory.ServiceDefaults.Loops;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.ModelLibrary.Seeding;

/// <summary>Seeds in the background until nothing is left to do: the service is ready meanwhile, and the log says what the seed waits for.</summary>
internal sealed partial class SeedWorker(MigrationState migrations, SeedService seed, TimeProvider time, ILogger<SeedWorker> logger) : BackgroundService
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Later = TimeSpan.FromSeconds(5);

    /// <summary>Passes at the short pause, for what is only a moment away; then it looks less often.</summary>
    private const int QuickPasses = 120;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await migrations.Completed.WaitAsync(stoppingToken);
            var said = "";
            for (var pass = 0; ; pass++)
            {
                var waits = await TryRunAsync(stoppingToken);
                if (waits.Count == 0)
                {
                    LogDone(logger);
                    return;
                }

                var text = string.Join(" ", waits);
                if (text != said)
                {
                    LogWaits(logger, said = text);
                }

                await Task.Delay(pass < QuickPasses ? Soon : Later, time, stoppingToken);
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

    private async Task<IReadOnlyList<string>> TryRunAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await seed.RunOnceAsync(cancellationToken);
        }
        catch (Exception error) when (Loop.IsInfrastructure(error) && !cancellationToken.IsCancellationRequested)
        {
            return [$"Something that the seed needs is away: {error.Message}"];
        }
    }

    [LoggerMessage(2501, LogLevel.Information, "The seed is complete")]
    private static partial void LogDone(ILogger logger);

    [LoggerMessage(2502, LogLevel.Information, "The seed goes on: {Waits}")]
    private static partial void LogWaits(ILogger logger, string waits);
}
