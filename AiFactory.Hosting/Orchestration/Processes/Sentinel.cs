using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace AiFactory.Hosting.Orchestration.Processes;

/// <summary>
/// A small shell process that outlives the AppHost by seconds, so that nothing else outlives it at all: it reads the process groups of
/// all children from a pipe, and when the pipe closes - the AppHost ended, however it ended - it stops those that are left.
/// A death signal (PR_SET_PDEATHSIG) would not do: it reaches no grandchildren, and fires when the spawning thread ends.
/// </summary>
internal sealed class Sentinel(TimeProvider timeProvider, ILogger<Sentinel> logger) : IDisposable
{
    // Lines: "+ GROUP SIGNAL" and "- GROUP". Whoever has not followed its signal after three seconds is killed.
    private const string Script = """
        exec >/dev/null 2>&1
        trap '' INT TERM HUP QUIT
        groups=' '
        while read -r op group signal; do
          case $op in
            +) groups="$groups$group:$signal " ;;
            -) left=' '; for g in $groups; do [ "${g%%:*}" = "$group" ] || left="$left$g "; done; groups=$left ;;
          esac
        done
        for g in $groups; do kill -s "${g##*:}" -- "-${g%%:*}"; done
        n=0
        while [ $n -lt 30 ]; do
          alive=
          for g in $groups; do kill -s 0 -- "-${g%%:*}" && alive=1; done
          [ -z "$alive" ] && exit 0
          n=$((n + 1)); sleep 0.1
        done
        for g in $groups; do kill -s KILL -- "-${g%%:*}"; done
        """;

    // One that cannot live at all is not tried again more often than this.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<int, StopSignal> _groups = [];
    private Process? _process;
    private long _started;
    private bool _disposed;

    /// <summary>The sentinel's process id; it is started when it is not there.</summary>
    internal int ProcessId
    {
        get
        {
            lock (_lock)
            {
                return Running_NeedsLock().Id;
            }
        }
    }

    /// <summary>When this returns the group does not outlive the AppHost.</summary>
    public void Watch(int group, StopSignal signal)
    {
        lock (_lock)
        {
            _groups[group] = signal;
            Send_NeedsLock(Watching(group, signal));
        }
    }

    public void Forget(int group)
    {
        lock (_lock)
        {
            if (_groups.Remove(group) && _process is { HasExited: false })
            {
                Send_NeedsLock(string.Create(CultureInfo.InvariantCulture, $"- {group}"));
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _process?.StandardInput.Close();
            _process?.Dispose();
            _process = null;
        }
    }

    private static string Watching(int group, StopSignal signal)
        => string.Create(CultureInfo.InvariantCulture, $"+ {group} {(signal == StopSignal.Interrupt ? "INT" : "TERM")}");

    private void Send_NeedsLock(string line)
    {
        try
        {
            Running_NeedsLock().StandardInput.Write(line + "\n");
        }
        catch (IOException)
        {
            // It was killed this moment. The next one is told of every group, this one included.
            _process = null;
            Running_NeedsLock();
        }
    }

    private Process Running_NeedsLock()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_process is { HasExited: false })
        {
            return _process;
        }

        _process?.Dispose();
        var (file, arguments) = NewSession.Command("/bin/sh", ["-c", Script, "aifactory-sentinel"]);
        _started = timeProvider.GetTimestamp();
        _process = Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardInput = true, UseShellExecute = false })
            ?? throw new InvalidOperationException("The sentinel did not start.");
        _process.StandardInput.AutoFlush = true;
        _process.StandardInput.NewLine = "\n";
        foreach (var (group, signal) in _groups)
        {
            _process.StandardInput.Write(Watching(group, signal) + "\n");
        }

        ProcessLog.SentinelStarted(logger, _process.Id);

        // Last: it may have ended already, and what takes its place is told of the groups then.
        var process = _process;
        // On a thread of its own: the event is raised with Process's own lock held, which Dispose above takes with ours held.
        process.Exited += (_, _) => _ = Task.Run(() => ReplaceAsync(process));
        process.EnableRaisingEvents = true;
        return process;
    }

    /// <summary>It should end with the AppHost only; until there is another one, nobody would stop the children of a killed AppHost.</summary>
    private async Task ReplaceAsync(Process ended)
    {
        try
        {
            if (timeProvider.GetElapsedTime(_started) < Pause)
            {
                await Task.Delay(Pause, timeProvider);
            }

            lock (_lock)
            {
                if (!_disposed && (_process is null || ReferenceEquals(_process, ended)))
                {
                    ProcessLog.SentinelEnded(logger);
                    Running_NeedsLock();
                }
            }
        }
        catch (Exception exception) when (exception is IOException or Win32Exception or InvalidOperationException)
        {
            // The start or end of the next child tries again.
            ProcessLog.SentinelNotReplaced(logger, exception.Message);
        }
    }
}
