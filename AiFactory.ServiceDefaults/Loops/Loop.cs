using System.Diagnostics;
using AiFactory.ServiceDefaults.Postgres;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace AiFactory.ServiceDefaults.Loops;

/// <summary>
/// Runs a step again and again, once the database is ready: at once while there is work, else when its signal is raised or its interval is over. A database,
/// a disk or an object store that is away is waited for; any other exception is a bug and stops the host.
/// </summary>
public abstract partial class Loop(MigrationState migrations, Signal signal, TimeSpan interval, TimeProvider time, ILogger logger) : BackgroundService
{
    /// <summary>After failures. A loop that holds leases must come back long before they run out.</summary>
    protected virtual TimeSpan PauseLimit => TimeSpan.FromSeconds(10);

    /// <summary>How long to leave the machine and the database to others after a step of that length that has more to do.</summary>
    protected virtual TimeSpan PauseAfter(TimeSpan step) => TimeSpan.Zero;

    /// <summary>One step. True when there may be more to do at once.</summary>
    public abstract Task<bool> RunOnceAsync(CancellationToken cancellationToken);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var failures = 0;
        try
        {
            await migrations.Completed.WaitAsync(stoppingToken);
            while (true)
            {
                stoppingToken.ThrowIfCancellationRequested();
                try
                {
                    var began = Stopwatch.GetTimestamp();
                    var more = await RunOnceAsync(stoppingToken);
                    failures = 0;
                    if (!more)
                    {
                        await signal.WaitAsync(interval, time, stoppingToken);
                    }
                    else if (PauseAfter(Stopwatch.GetElapsedTime(began)) is var pause && pause > TimeSpan.Zero)
                    {
                        // By the real clock, also where a test has another: what is spared is real.
                        await Task.Delay(pause, stoppingToken);
                    }
                }
                catch (Exception error) when (IsInfrastructure(error) && !stoppingToken.IsCancellationRequested)
                {
                    failures++;
                    var pause = TimeSpan.FromSeconds(Math.Min(PauseLimit.TotalSeconds, 0.25 * Math.Pow(2, Math.Min(failures, 8))));
                    LogFailed(logger, error, GetType().Name, failures, pause.TotalSeconds);
                    await Task.Delay(pause, time, stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
        catch (MigrationException)
        {
            // The worker of the migrations has said so. The service lives on without what needs the database, and is not ready where it needs that itself.
        }
    }

    /// <summary>Whether a database, a disk or a service failed, and not our code.</summary>
    public static bool IsInfrastructure(Exception error) =>
        error is NpgsqlException or IOException or UnauthorizedAccessException or HttpRequestException or TimeoutException or System.Net.Sockets.SocketException
            or Amazon.Runtime.AmazonServiceException or Amazon.Runtime.AmazonClientException;

    /// <summary>Whether it is the infrastructure that is away, so that waiting may help: a statement that the database refuses for its values is refused again.</summary>
    public static bool IsAway(Exception error) => error switch
    {
        PostgresException { InvariantSeverity: "FATAL" or "PANIC" } => true, // the connection is refused or ended (a password, a name, a limit), whatever the code: no statement was looked at
        PostgresException { SqlState: ['5', '7', ..] } => true, // the class "operator intervention": the server is being stopped
        PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction } => true, // the primary has become a standby
        PostgresException { SqlState: PostgresErrorCodes.InvalidSqlStatementName } => true, // a pooler gave another connection: prepared anew, it is there
        PostgresException { SqlState: PostgresErrorCodes.FeatureNotSupported, Routine: "RevalidateCachedQuery" } => true, // a table has changed under a prepared statement
        NpgsqlException { IsTransient: var isTransient } => isTransient,
        _ => IsInfrastructure(error),
    };

    /// <summary>
    /// Whether a row will never be taken, so that it may be left out: the classes "data exception" and "integrity constraint violation" alone. Whatever else is refused (a login, a right, a
    /// table that a restored backup does not have) is the database's state, which somebody will mend.
    /// </summary>
    public static bool IsForItsValues(PostgresException refused) => refused is { SqlState: ['2', '2' or '3', ..] };

    [LoggerMessage(6201, LogLevel.Warning, "{Loop} failed {Failures} times and goes on in {Seconds} s")]
    private static partial void LogFailed(ILogger logger, Exception error, string loop, int failures, double seconds);
}
