using System.ComponentModel;
using System.Diagnostics;
using Aspire.Hosting;

namespace AiFactory.Hosting.Orchestration.Processes;

/// <summary>A running process in a session of its own, with those that it started.</summary>
internal sealed class ChildProcess : IDisposable
{
    private readonly Process _process;
    private readonly Sentinel _sentinel;
    private readonly LocalProcess _description;

    private ChildProcess(Process process, Sentinel sentinel, LocalProcess description, Action<string, bool> line)
    {
        _process = process;
        _sentinel = sentinel;
        _description = description;
        Output = Task.WhenAll(
            LinePump.RunAsync(process.StandardOutput, text => line(text, false)),
            LinePump.RunAsync(process.StandardError, text => line(text, true)));
        Exited = WaitForExitAsync();
    }

    /// <summary>The process id, which is the id of the group and of the session too.</summary>
    public int Id => _process.Id;

    /// <summary>The exit code; 128 plus the signal when one ended the process. Nothing that it started is left then.</summary>
    public Task<int> Exited { get; }

    /// <summary>Ends when all that was printed has been passed on.</summary>
    public Task Output { get; }

    /// <summary>
    /// 1. The program is started behind a shell that waits for a word. 2. The sentinel is told of it. 3. The word is given, and the shell
    /// becomes the program. Should the AppHost be killed in between, the shell reads the end of its input and ends.
    /// </summary>
    public static ChildProcess Start(LocalProcess description, IReadOnlyDictionary<string, string> environment, Sentinel sentinel, Action<string, bool> line)
    {
        if (!Directory.Exists(description.WorkingDirectory))
        {
            throw new DistributedApplicationException($"The working directory '{description.WorkingDirectory}' does not exist.");
        }

        var program = ProgramPath.Find(description.FileName, description.WorkingDirectory, environment)
            ?? throw new DistributedApplicationException($"The program '{description.FileName}' was not found.");

        // A POSIX shell drops variables whose names are no identifiers; then there is no shell, and no waiting.
        var gated = environment.Keys.All(IsIdentifier);
        var (file, arguments) = NewSession.Command(program, description.Arguments);
        if (gated)
        {
            (file, arguments) = ("/bin/sh", ["-c", "read -r _ || exit 0; exec \"$@\"", "sh", file, .. arguments]);
        }

        var start = new ProcessStartInfo(file, arguments)
        {
            WorkingDirectory = description.WorkingDirectory,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        try
        {
            var process = Process.Start(start) ?? throw new DistributedApplicationException($"'{program}' did not start.");
            sentinel.Watch(process.Id, description.StopSignal);
            if (gated)
            {
                process.StandardInput.Write("\n");
                process.StandardInput.Flush();
            }

            return new ChildProcess(process, sentinel, description, line);
        }
        catch (Win32Exception exception)
        {
            throw new DistributedApplicationException($"'{program}' did not start: {exception.Message}", exception);
        }
    }

    /// <summary>Asks the process to end, and kills what is left of it when its grace, or the caller's patience, is over.</summary>
    public async Task StopAsync(CancellationToken patience)
    {
        ProcessGroup.SignalChild(Id, _description.StopSignal);
        try
        {
            await Exited.WaitAsync(_description.StopGrace, patience);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            ProcessGroup.KillChild(Id);
            await Exited;
        }
    }

    public void Dispose() => _process.Dispose();

    private static bool IsIdentifier(string name)
        => name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    private async Task<int> WaitForExitAsync()
    {
        await _process.WaitForExitAsync();
        var code = _process.ExitCode;

        // Those that it left behind; they would keep its ports, and nobody would know them.
        ProcessGroup.SignalKill(Id);
        _sentinel.Forget(Id);
        return code;
    }
}
