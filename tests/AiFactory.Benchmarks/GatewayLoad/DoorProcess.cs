using System.Diagnostics;
using System.Globalization;
using AiFactory.Testing.Edges;

namespace AiFactory.Benchmarks.GatewayLoad;

/// <summary>A server in a process of its own on the loopback. What it writes goes to a file; it ends with the benchmark, even with one that is killed.</summary>
internal sealed class DoorProcess : IAsyncDisposable
{
    /// <summary>The shell becomes the program; what it leaves behind watches both.</summary>
    private const string Watched = "(while kill -0 \"$1\" && kill -0 $$; do sleep 1; done; kill -KILL $$) > /dev/null 2>&1 < /dev/null & log=$0; shift; exec \"$@\" > \"$log\" 2>&1";

    private const double ClockTicks = 100;
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly string _log;

    private DoorProcess(Process process, string log)
    {
        _process = process;
        _log = log;
    }

    /// <summary>Processor time in seconds, of it and of its children that run.</summary>
    public double ProcessorTime => Family().Sum(id => Fields($"/proc/{id}/stat").Skip(11).Take(2).Sum(ticks => long.Parse(ticks, CultureInfo.InvariantCulture))) / ClockTicks;

    public int Id => _process.Id;

    /// <summary>In MiB, as the kernel counts it (VmRSS).</summary>
    public double ResidentMemory => Status("VmRSS:") / 1024.0;

    public int Threads => (int)Status("Threads:");

    public int OpenFiles => Directory.EnumerateFileSystemEntries($"/proc/{_process.Id}/fd").Count();

    public bool HasEnded => _process.HasExited;

    /// <summary>Starts the program and waits until it answers at <paramref name="ready"/> with success.</summary>
    public static async Task<DoorProcess> StartAsync(string log, string[] program, IReadOnlyDictionary<string, string> settings, Uri ready, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("sh", ["-c", Watched, log, Environment.ProcessId.ToString(CultureInfo.InvariantCulture), .. program]) { RedirectStandardInput = true };
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        var door = new DoorProcess(Process.Start(start) ?? throw new InvalidOperationException("sh did not start."), log);
        try
        {
            await door.WaitAsync(ready, cancellationToken);
            return door;
        }
        catch
        {
            await door.DisposeAsync();
            throw;
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

    private async Task WaitAsync(Uri ready, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            if (_process.HasExited || Stopwatch.GetElapsedTime(began) > StartLimit)
            {
                throw new InvalidOperationException($"What was to answer at {ready} does not: {await File.ReadAllTextAsync(_log, cancellationToken)}");
            }

            try
            {
                using var answer = await http.GetAsync(ready, cancellationToken);
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }

            await Task.Delay(100, cancellationToken);
        }
    }

    /// <param name="name">A line such as <c>VmRSS:	   12345 kB</c>.</param>
    private long Status(string name)
    {
        var line = File.ReadLines($"/proc/{_process.Id}/status").First(row => row.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line[name.Length..].Trim().Split(' ')[0], CultureInfo.InvariantCulture);
    }

    /// <summary>nginx works in its children.</summary>
    private IEnumerable<int> Family() =>
        [_process.Id, .. Testing.Factory.ChildProcess.DescendantsOf(_process.Id).Where(child => child.CommandLine.StartsWith("nginx", StringComparison.Ordinal)).Select(child => child.Id)];

    /// <summary>Those behind the name, which may hold spaces.</summary>
    private static string[] Fields(string file)
    {
        var stat = File.ReadAllText(file);
        return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
    }
}
