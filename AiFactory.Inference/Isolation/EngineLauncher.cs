using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using AiFactory.Inference.Native;

namespace AiFactory.Inference.Isolation;

/// <summary>
/// Starts the processes of engines: this program again, with one word on its command line. They are killed by the system when the thread ends that started them
/// (<see cref="ProcessNative.DieWithParent"/>): so one thread starts all, and ends with the worker.
/// </summary>
internal sealed class EngineLauncher : IDisposable
{
    /// <summary>What an engine's process has of this one's environment: no keys of stores, no identities, no addresses.</summary>
    private static readonly string[] Inherited =
    [
        "PATH", "HOME", "USER", "LANG", "LC_", "TZ", "TMPDIR", "DOTNET_", "COMPlus_", "LD_LIBRARY_PATH", "MALLOC_", "GLIBC_", "SSL_CERT_", "OTEL_", "CUDA_", "NVIDIA_", "GGML_", "VK_", "XDG_", "no_proxy", "NO_PROXY", "http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY",
    ];

    private readonly BlockingCollection<(ProcessStartInfo Start, TaskCompletionSource<Process> Started)> _starts = [];
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("aifactory-engines-");
    private int _count;

    public EngineLauncher() => new Thread(Run) { IsBackground = true, Name = "engine launcher" }.Start();

    /// <summary>A path for a Unix socket that only this user's processes reach: the folder is 0700.</summary>
    public string NextSocket() => Path.Combine(_folder.FullName, $"{Interlocked.Increment(ref _count)}.sock");

    public Task<Process> StartAsync()
    {
        var (program, arguments) = Program();
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var name in start.Environment.Keys.Where(name => !Inherited.Any(known => name.StartsWith(known, StringComparison.Ordinal))).ToList())
        {
            start.Environment.Remove(name);
        }

        // A failed assertion prints its stack by gdb where there is one, which takes seconds.
        start.Environment["GGML_NO_BACKTRACE"] = "1";
        start.Environment.TryAdd(NativeHeap.Tunables, NativeHeap.HugePages);
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        _starts.Add((start, started));
        return started.Task;
    }

    public void Dispose()
    {
        _starts.CompleteAdding();
        _folder.Delete(recursive: true);
    }

    /// <summary>Its own executable where it has one, else .NET's and the assembly: in tests this program is a library of another.</summary>
    private static (string Program, string[] Arguments) Program()
    {
        var assembly = typeof(EngineLauncher).Assembly;
        var own = Environment.ProcessPath ?? "";
        // Not the name without what follows its last dot: AiFactory.Inference.Tests is another program.
        return Path.GetFileName(own) == assembly.GetName().Name + (OperatingSystem.IsWindows() ? ".exe" : "")
            ? (own, [EngineChannel.Verb])
            : (Path.GetFileNameWithoutExtension(own) == "dotnet" ? own : Muxer(), ["exec", assembly.Location, EngineChannel.Verb]);
    }

    /// <summary><c>{root}/shared/Microsoft.NETCore.App/{version}/</c> is where the runtime is.</summary>
    private static string Muxer() =>
        Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet")) is var muxer && File.Exists(muxer) ? muxer : "dotnet";

    private void Run()
    {
        foreach (var (start, started) in _starts.GetConsumingEnumerable())
        {
            try
            {
                started.SetResult(Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start."));
            }
#pragma warning disable CA1031 // It is for who waits.
            catch (Exception error)
#pragma warning restore CA1031
            {
                started.SetException(error);
            }
        }
    }
}
