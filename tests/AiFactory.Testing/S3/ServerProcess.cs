using System.Diagnostics;
using AiFactory.Testing.Edges;

namespace AiFactory.Testing.S3;

/// <summary>A server that a test started: its output is in a file, and it is killed with the test.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _output;

    private ServerProcess(Process process, string output)
    {
        _process = process;
        _output = output;
    }

    public static bool IsInstalled(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));

    public static ServerProcess Start(string output, string program, params string[] arguments)
    {
        // The shell writes the file, so that no pipe of ours can fill, and ends the server when the test run is gone, even one that was killed.
        // (prctl's death signal would come with the end of the thread that started it.)
        var watch = $"\"$@\" > \"$0\" 2>&1 & server=$!; while kill -0 {Environment.ProcessId} && kill -0 $server; do sleep 1; done 2> /dev/null; kill -KILL $server";
        return new ServerProcess(StartShell([watch, output, program, .. arguments]), output);
    }

    /// <summary>Runs a tool to its end.</summary>
    public static async Task RunAsync(string output, string program, string[] arguments, CancellationToken cancellationToken)
    {
        await using var tool = new ServerProcess(StartShell(["exec \"$@\" > \"$0\" 2>&1", output, program, .. arguments]), output);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(90));
        try
        {
            await tool._process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} did not end within 90 s: {await File.ReadAllTextAsync(output, cancellationToken)}");
        }

        if (tool._process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} ended with {tool._process.ExitCode}: {await File.ReadAllTextAsync(output, cancellationToken)}");
        }
    }

    /// <summary>Waits until the server answers anything at all.</summary>
    public async Task WaitForHttpAsync(Uri address, CancellationToken cancellationToken)
    {
        using var client = new HttpClient();
        var waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                using var response = await client.GetAsync(address, cancellationToken);
                return;
            }
            catch (HttpRequestException) when (!_process.HasExited && waited.Elapsed < TimeSpan.FromSeconds(60))
            {
                await Task.Delay(50, cancellationToken);
            }
            catch (HttpRequestException error)
            {
                throw new InvalidOperationException($"The server at {address} does not answer: {await File.ReadAllTextAsync(_output, cancellationToken)}", error);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private static Process StartShell(string[] script) =>
        Process.Start(new ProcessStartInfo("sh", ["-c", .. script]) { UseShellExecute = false })
        ?? throw new InvalidOperationException("sh did not start.");
}
