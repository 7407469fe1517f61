using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace AiFactory.Testing.Factory;

/// <summary>The whole factory as a newcomer runs it: the built AppHost in a process of its own, with its own data folder and free ports.</summary>
public sealed partial class FactoryProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(8);
    private readonly ConcurrentQueue<string> _output = new();
    private readonly Process _process;
    private readonly bool _ownsData;

    private FactoryProcess(Process process, FactorySettings settings, bool ownsData)
    {
        _process = process;
        Settings = settings;
        _ownsData = ownsData;
    }

    public FactorySettings Settings { get; }

    public int ProcessId => _process.Id;

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    /// <summary>Everything that the AppHost has written so far.</summary>
    public string Output => string.Join('\n', _output);

    /// <summary>Its network, where the settings ask for a cut one.</summary>
    public CutNetwork Network => new(_process.Id);

    public Uri GatewayAddress => Settings.GatewayAddress;

    /// <summary>Starts the AppHost and waits until it has printed the curl line, which it does when every seeded deployment is ready.</summary>
    public static async Task<FactoryProcess> StartAsync(FactorySettings? settings = null, CancellationToken cancellationToken = default)
    {
        var factory = Launch(settings);
        try
        {
            await factory.WaitForOutputAsync(CurlLine(), StartTimeout, cancellationToken);
            return factory;
        }
        catch
        {
            await factory.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the AppHost and returns at once.</summary>
    public static FactoryProcess Launch(FactorySettings? settings = null)
    {
        var ownsData = settings is null;
        settings ??= FactorySettings.Fresh();
        // A run that was itself put into the background ignores SIGINT, and so would the AppHost: then Ctrl+C would stop nothing.
        string[] program = OperatingSystem.IsLinux() ? ["env", "--default-signal=INT", "dotnet"] : ["dotnet"];
        program = settings.HasCutNetwork ? [.. CutNetwork.Prefix, .. program] : program;
        var start = new ProcessStartInfo(program[0], [.. program[1..], "exec", settings.AppHostAssembly])
        {
            WorkingDirectory = Path.Combine(RepositoryFolder.Root, "AiFactory.AppHost"),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var (name, value) in settings.ToEnvironment())
        {
            start.Environment[name] = value;
        }

        var process = new Process { StartInfo = start };
        var factory = new FactoryProcess(process, settings, ownsData);
        process.OutputDataReceived += (_, line) => factory.Keep(line.Data);
        process.ErrorDataReceived += (_, line) => factory.Keep(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return factory;
    }

    /// <summary>Waits until the output matches; fails with the whole output when the AppHost ends or the time is over.</summary>
    public async Task<Match> WaitForOutputAsync(Regex pattern, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            var match = pattern.Match(Output);
            if (match.Success)
            {
                return match;
            }

            if (_process.HasExited || watch.Elapsed > timeout)
            {
                var why = _process.HasExited ? $"the AppHost ended with {_process.ExitCode}" : $"{timeout} passed";
                throw new InvalidOperationException($"Waited for /{pattern}/, but {why}. Its output:\n{Output}");
            }

            await Task.Delay(100, cancellationToken);
        }
    }

    /// <summary>A client of the gateway with the admin key. It hangs up when an answer is disposed before its end, and reads nothing more.</summary>
    public HttpClient CreateClient(string? key = null)
    {
        var handler = new SocketsHttpHandler { MaxResponseDrainSize = 0 };
        if (Settings.HasCutNetwork)
        {
            handler.ConnectCallback = async (context, _) => new NetworkStream(await Network.ConnectAsync(new(IPAddress.Loopback, context.DnsEndPoint.Port)), ownsSocket: true);
        }

        var client = new HttpClient(handler) { BaseAddress = GatewayAddress, Timeout = TimeSpan.FromMinutes(2) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key ?? Settings.AdminKey);
        return client;
    }

    /// <summary>The factory's processes, the AppHost left out.</summary>
    public IReadOnlyList<ChildProcess> Children() => ChildProcess.DescendantsOf(_process.Id);

    /// <summary>The one process whose command line holds the text.</summary>
    public ChildProcess Child(string commandLinePart) =>
        Children().First(child => child.CommandLine.Contains(commandLinePart, StringComparison.Ordinal));

    /// <summary>Sends SIGINT, as Ctrl+C does, and waits for the end.</summary>
    public async Task<TimeSpan> StopAsync(CancellationToken cancellationToken = default)
    {
        var watch = Stopwatch.StartNew();
        if (!_process.HasExited)
        {
            Signals.Send(_process.Id, Signals.Interrupt);
            await WaitForExitAsync(cancellationToken);
        }

        return watch.Elapsed;
    }

    /// <summary>kill -9 of the AppHost itself.</summary>
    public async Task KillAsync(CancellationToken cancellationToken = default)
    {
        Signals.Send(_process.Id, Signals.Kill);
        await WaitForExitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Signals.Send(_process.Id, Signals.Interrupt);
            var ended = await Task.WhenAny(_process.WaitForExitAsync(), Task.Delay(TimeSpan.FromSeconds(30)));
            if (!_process.HasExited)
            {
                _process.Kill(entireProcessTree: true);
            }

            await ended;
        }

        _process.Dispose();
        if (_ownsData)
        {
            await Settings.DisposeAsync();
        }
    }

    /// <summary>The process, and not the end of its output: one that it left behind may hold that open, and the tests look for such themselves.</summary>
    private async Task WaitForExitAsync(CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        while (!_process.HasExited)
        {
            if (watch.Elapsed > TimeSpan.FromSeconds(60))
            {
                throw new TimeoutException($"The AppHost did not end. Left of it: {string.Join("; ", Children().Select(child => child.CommandLine))}. It said:\n{Output}");
            }

            await Task.Delay(20, cancellationToken);
        }
    }

    private void Keep(string? line)
    {
        if (line is not null)
        {
            _output.Enqueue(line);
        }
    }

    [GeneratedRegex(@"^\s*curl .+$", RegexOptions.Multiline)]
    public static partial Regex CurlLine();
}
