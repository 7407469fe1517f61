using System.Diagnostics;
using System.Globalization;
using System.Net;
using AiFactory.Inference.Benchmarking;
using AiFactory.Testing.Edges;

namespace AiFactory.Benchmarks.LlamaServer;

/// <summary>A server of one model, in a process of its own on the loopback.</summary>
internal sealed class ServingSide : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);

    private readonly Process _process;

    private ServingSide(string name, Process process, Uri address, string? key)
    {
        Name = name;
        _process = process;
        Address = address;
        Key = key;
    }

    public string Name { get; }

    public Uri Address { get; }

    public string? Key { get; }

    /// <summary>Resident memory in bytes, as the kernel counts it (VmRSS): the pages of the model's file that it maps are in it.</summary>
    public long ResidentMemory
    {
        get
        {
            var line = File.ReadLines($"/proc/{_process.Id}/status").First(row => row.StartsWith("VmRSS:", StringComparison.Ordinal));
            return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
        }
    }

    /// <summary>Starts the program and waits until it says that it is ready.</summary>
    /// <param name="program">Given the address that it is to listen at.</param>
    public static async Task<ServingSide> StartAsync(string name, Func<Uri, ProcessStartInfo> program, string readyPath, string? key, CancellationToken cancellationToken)
    {
        var address = new Uri($"http://127.0.0.1:{FreePort.Take()}");
        var start = program(address);
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start.");
        var lines = new Queue<string>();
        process.OutputDataReceived += (_, line) => Keep(lines, line.Data);
        process.ErrorDataReceived += (_, line) => Keep(lines, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var side = new ServingSide(name, process, address, key);
        try
        {
            await side.WaitUntilReadyAsync(readyPath, lines, cancellationToken);
            return side;
        }
        catch
        {
            await side.DisposeAsync();
            throw;
        }
    }

    public BenchmarkSettings Settings(string model) => new(Address, model) { Key = Key };

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private async Task WaitUntilReadyAsync(string path, Queue<string> lines, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(StartLimit);
        using var http = new HttpClient { BaseAddress = Address };
        while (true)
        {
            if (_process.HasExited)
            {
                lock (lines)
                {
                    throw new InvalidOperationException($"{Name} ended with {_process.ExitCode}: {string.Join('\n', lines)}");
                }
            }

            try
            {
                using var answer = await http.GetAsync(path, limit.Token);
                if (answer.StatusCode == HttpStatusCode.OK)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }

            await Task.Delay(10, limit.Token);
        }
    }

    private static void Keep(Queue<string> lines, string? line)
    {
        lock (lines)
        {
            lines.Enqueue(line ?? "");
            while (lines.Count > 20)
            {
                lines.Dequeue();
            }
        }
    }
}
