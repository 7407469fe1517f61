using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace AiFactory.Hosting.Postgres;

/// <summary>
/// What an earlier server left behind. A server that was killed leaves <c>postmaster.pid</c>, whose number may by now be a
/// zombie (no init reaps in many containers) or another program, and backends that live on until they notice and that keep the
/// shared memory: a new server refuses to start beside either.
/// </summary>
internal static partial class PostmasterLock
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Steps: (1) an orphaned server is asked to stop, (2) stray backends are waited for, then ended, (3) the stale file goes.</summary>
    public static async Task ClearAsync(string data, ILogger logger, CancellationToken cancellationToken)
    {
        var file = Path.Combine(data, "postmaster.pid");
        if (ReadPid(file) is { } pid && PostgresProcess.Find(pid, data) is { } running)
        {
            await EndServerAsync(running, data, logger, cancellationToken);
        }

        await EndBackendsAsync(data, logger, cancellationToken);
        if (File.Exists(file))
        {
            LogStale(logger, file);
            File.Delete(file);
        }
    }

    /// <summary>The first line of postmaster.pid is the process id; it is written at once, before anything else.</summary>
    private static int? ReadPid(string file)
    {
        try
        {
            return int.TryParse(File.ReadLines(file).FirstOrDefault(), out var pid) ? pid : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static async Task EndServerAsync(PostgresProcess server, string data, ILogger logger, CancellationToken cancellationToken)
    {
        // A server whose factory was killed is told so by the kernel, and may just be shutting down.
        if (await GoneAsync(() => !server.IsAlive, Patience, cancellationToken))
        {
            return;
        }

        if (!server.IsOrphan)
        {
            throw new PostgresStartException(
                $"The data directory {data} is in use by Postgres, process {server.Id}, of another running factory: stop that one first.");
        }

        LogOrphan(logger, server.Id);
        PostgresProcess.Signal(server.Id, PostgresProcess.FastShutdown);
        if (!await GoneAsync(() => !server.IsAlive, Patience, cancellationToken))
        {
            PostgresProcess.Signal(server.Id, PostgresProcess.ImmediateShutdown);
            await GoneAsync(() => !server.IsAlive, Patience, cancellationToken);
        }
    }

    private static async Task EndBackendsAsync(string data, ILogger logger, CancellationToken cancellationToken)
    {
        int[] signals = [PostgresProcess.ImmediateShutdown, PostgresProcess.KillSignal];
        foreach (var signal in signals)
        {
            if (await GoneAsync(() => PostgresProcess.AllOf(data).Count == 0, Patience, cancellationToken))
            {
                return;
            }

            foreach (var backend in PostgresProcess.AllOf(data))
            {
                LogBackend(logger, backend.Id);
                PostgresProcess.Signal(backend.Id, signal);
            }
        }

        await GoneAsync(() => PostgresProcess.AllOf(data).Count == 0, Patience, cancellationToken);
    }

    private static async Task<bool> GoneAsync(Func<bool> gone, TimeSpan within, CancellationToken cancellationToken)
    {
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < within; await Task.Delay(Poll, cancellationToken))
        {
            if (gone())
            {
                return true;
            }
        }

        return gone();
    }

    [LoggerMessage(5202, LogLevel.Information, "Removing {File}, which a server that is gone left behind")]
    private static partial void LogStale(ILogger logger, string file);

    [LoggerMessage(5203, LogLevel.Warning, "Postgres process {Pid} outlived its factory: stopping it")]
    private static partial void LogOrphan(ILogger logger, int pid);

    [LoggerMessage(5204, LogLevel.Warning, "Postgres backend {Pid} outlived its server: ending it")]
    private static partial void LogBackend(ILogger logger, int pid);
}
