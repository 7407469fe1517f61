using System.Diagnostics;
using AiFactory.Hosting.Acquisition;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace AiFactory.Hosting.Postgres;

/// <summary>The server as a child of this process, for those who have no orchestrator: tests, mostly.</summary>
internal sealed partial class EmbeddedPostgres : IAsyncDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(10);

    private readonly EmbeddedPostgresOptions _options;
    private readonly Process _process;
    private readonly TaskCompletionSource _exited;
    private readonly Queue<string> _lastLines;

    private EmbeddedPostgres(EmbeddedPostgresOptions options, Process process, TaskCompletionSource exited, Queue<string> lastLines) =>
        (_options, _process, _exited, _lastLines) = (options, process, exited, lastLines);

    public int ProcessId => _process.Id;

    public Task Exited => _exited.Task;

    /// <summary>Returns when the server answers; throws <see cref="PostgresStartException"/> or <see cref="PackageUnavailableException"/>.</summary>
    public static async Task<EmbeddedPostgres> StartAsync(
        EmbeddedPostgresOptions options, PackageCache cache, ILogger logger, CancellationToken cancellationToken = default)
    {
        var server = await PostgresServer.PrepareAsync(options with { EndsWithItsStarter = true }, cache, logger, cancellationToken);
        var start = new ProcessStartInfo { UseShellExecute = false, RedirectStandardError = true, WorkingDirectory = server.WorkingDirectory };
        start.FileName = server.Program;
        foreach (var argument in server.Arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in PostgresServer.Environment)
        {
            start.Environment[name] = value;
        }

        var lastLines = new Queue<string>();
        var exited = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var process = await SpawnAsync(start, exited, line => Keep(lastLines, line, logger));
        var postgres = new EmbeddedPostgres(options, process, exited, lastLines);
        try
        {
            await postgres.WaitUntilReadyAsync(cancellationToken);
            return postgres;
        }
        catch
        {
            await postgres.DisposeAsync();
            throw;
        }
    }

    /// <summary>For Npgsql; <c>localhost</c>, because the server listens there only.</summary>
    public string ConnectionString(string database = "postgres") => new NpgsqlConnectionStringBuilder
    {
        Host = "localhost",
        Port = _options.Port,
        Username = _options.UserName,
        Password = _options.Password,
        Database = database,
    }.ConnectionString;

    /// <summary>Ends sessions and shuts down cleanly ("fast"); when that takes too long, at once.</summary>
    public async Task StopAsync()
    {
        if (Exited.IsCompleted)
        {
            return;
        }

        if (OperatingSystem.IsWindows())
        {
            _process.Kill(entireProcessTree: true);
        }
        else
        {
            PostgresProcess.Signal(_process.Id, PostgresProcess.FastShutdown);
        }

        if (await Task.WhenAny(Exited, Task.Delay(StopPatience)) != Exited)
        {
            _process.Kill(entireProcessTree: true);
            await Exited;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _process.Dispose();
    }

    /// <summary>
    /// The death signal is sent when the <em>thread</em> that started the child ends, so a thread is kept for it that lives as long
    /// as the child does.
    /// </summary>
    private static Task<Process> SpawnAsync(ProcessStartInfo start, TaskCompletionSource exited, Action<string> onLine)
    {
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            var process = new Process { StartInfo = start };
            process.ErrorDataReceived += (_, line) => onLine(line.Data ?? "");
            try
            {
                process.Start();
            }
            catch (Exception e)
            {
                started.SetException(new PostgresStartException($"Postgres could not be started: {e.Message}", e));
                return;
            }

            process.BeginErrorReadLine();
            started.SetResult(process);
            // With a limit, because without one it waits for the end of the output too, which backends that outlive the server hold open.
            while (!process.WaitForExit(TimeSpan.FromHours(1)))
            {
            }

            exited.SetResult();
        })
        { IsBackground = true, Name = "postgres" };
        thread.Start();
        return started.Task;
    }

    private static void Keep(Queue<string> lastLines, string line, ILogger logger)
    {
        LogLine(logger, line);
        lock (lastLines)
        {
            lastLines.Enqueue(line);
            if (lastLines.Count > 4)
            {
                lastLines.Dequeue();
            }
        }
    }

    private async Task WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        var connectionString = new NpgsqlConnectionStringBuilder(ConnectionString()) { Pooling = false, Timeout = 5 }.ConnectionString;
        for (var watch = Stopwatch.StartNew(); ; await Task.Delay(Poll, cancellationToken))
        {
            if (Exited.IsCompleted)
            {
                string[] words;
                lock (_lastLines)
                {
                    words = [.. _lastLines.Where(line => line.Length > 0)];
                }

                throw new PostgresStartException($"Postgres ended while starting: {string.Join(" | ", words)}");
            }

            try
            {
                await using var connection = new NpgsqlConnection(connectionString);
                await connection.OpenAsync(cancellationToken);
                return;
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InvalidPassword)
            {
                throw new PostgresStartException($"The data in {_options.Folder} was made with another password.", e);
            }
            catch (NpgsqlException e) when (watch.Elapsed > StartPatience)
            {
                throw new PostgresStartException($"Postgres did not answer within {StartPatience.TotalSeconds:0} s: {e.Message}", e);
            }
            catch (NpgsqlException)
            {
                // It is not listening yet, or is still recovering.
            }
        }
    }

    [LoggerMessage(5205, LogLevel.Debug, "{Line}")]
    private static partial void LogLine(ILogger logger, string line);
}
