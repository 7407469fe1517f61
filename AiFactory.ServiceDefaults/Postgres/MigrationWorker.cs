using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace AiFactory.ServiceDefaults.Postgres;

/// <summary>Runs the migrations once the server is there. Until then the service lives, is not ready, and says why.</summary>
internal sealed partial class MigrationWorker(
    DatabaseCreator creator,
    MigrationRunner runner,
    MigrationState state,
    TimeProvider time,
    ILogger<MigrationWorker> logger) : BackgroundService
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var wait = FirstWait; !await RunOnceAsync(stoppingToken); wait = wait * 2 < LongestWait ? wait * 2 : LongestWait)
        {
            await Task.Delay(wait, time, stoppingToken);
        }
    }

    /// <summary>True when there is nothing more to try: the migrations are applied, or refused for good.</summary>
    public async Task<bool> RunOnceAsync(CancellationToken cancellationToken)
    {
        try
        {
            await creator.EnsureCreatedAsync(cancellationToken);
            await runner.RunAsync(cancellationToken);
            state.Complete();
            return true;
        }
        catch (MigrationException error)
        {
            LogRefused(logger, error);
            state.Refuse(error);
            return true;
        }
        catch (Exception error) when (error is NpgsqlException or IOException or TimeoutException)
        {
            // The server's own sentence about the SQL says which file; an address or a user name is in the log only.
            var problem = error is PostgresException sql ? $"The server refuses: {sql.SqlState} {sql.MessageText}" : "The server cannot be reached.";
            LogFailed(logger, error, problem);
            state.Report($"The database's migrations have not run. {problem}");
            return false;
        }
    }

    [LoggerMessage(6103, LogLevel.Critical, "The database's migrations are refused; the service stays not ready")]
    private static partial void LogRefused(ILogger logger, Exception error);

    [LoggerMessage(6104, LogLevel.Warning, "The database's migrations could not run and are tried again. {Problem}")]
    private static partial void LogFailed(ILogger logger, Exception error, string problem);
}
