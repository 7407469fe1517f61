using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using AiFactory.Contracts;
using AiFactory.Contracts.Workers;
using AiFactory.Inference.Tests.Worker;
using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.Inference.Tests.Isolation;

/// <summary>A worker's own process, with a process for each of its two models: <c>dies</c>, which answers one request at a time, and <c>stays</c>. Both never end their turn.</summary>
internal sealed partial class IsolatedWorker : IAsyncDisposable
{
    private readonly FakeLibrary _library;
    private readonly WorkerProcess _files;

    private IsolatedWorker(FakeLibrary library, WorkerProcess files, StandaloneWorker worker)
    {
        (_library, _files, Worker) = (library, files, worker);
        Client = worker.CreateCaller(WorkerProcess.IssueToken(Roles.Developer));
    }

    public StandaloneWorker Worker { get; }

    public FakeLibrary Library => _library;

    public HttpClient Client { get; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<IsolatedWorker> StartAsync(GeneratedModels models, Dictionary<string, string?>? settings = null)
    {
        var worker = await StartEmptyAsync(settings);
        worker.Library.Assignments = [worker._files.Store(models.Lengthy, "dies", contextLength: 65536, slots: 1), worker._files.Store(models.Endless, "stays", contextLength: 2048)];
        await worker.WaitUntilReadyAsync(2);
        return worker;
    }

    /// <summary>Without a model.</summary>
    public static async Task<IsolatedWorker> StartEmptyAsync(Dictionary<string, string?>? settings = null)
    {
        var library = await FakeLibrary.StartAsync();
        var files = WorkerProcess.Create(library, settings: new(settings ?? []) { ["Engine:Isolation"] = "Process" });
        return new IsolatedWorker(library, files, StandaloneWorker.Start(files.Environment()));
    }

    public ModelAssignment Store(string path, string name) => _files.Store(path, name);

    public Task<WorkerHeartbeat> WaitUntilReadyAsync(int models) =>
        Library.WaitForAsync(heartbeat => heartbeat.Models.Count == models && heartbeat.Models.All(model => model.State == WorkerModelStates.Ready));

    /// <summary>The newest process of that model, which the worker's log names.</summary>
    public int ProcessOf(string model) => ProcessLine().Matches(Worker.Output).Where(match => match.Groups[1].Value == model).Select(match => int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture)).LastOrDefault();

    /// <summary>The engines' processes of a worker that is in this one.</summary>
    public static List<int> Children() =>
        [.. Directory.GetDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, out _)).Select(name => int.Parse(name ?? "", CultureInfo.InvariantCulture)).Where(IsChild)];

    public static async Task SignalAsync(int process, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", process.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(Token);
    }

    public static async Task SignalUntilEndAsync(int process, string signal)
    {
        while (!HasEnded(process))
        {
            await SignalAsync(process, signal);
            await Task.Delay(50, Token);
        }
    }

    /// <summary>Nobody reaps the orphans of a test's machine: one that is dead and not reaped has ended.</summary>
    public static bool HasEnded(int process)
    {
        try
        {
            // 12345 (dotnet) Z 1 ...
            return File.ReadAllText($"/proc/{process}/stat") is var text && text[text.LastIndexOf(')') + 2] is 'Z' or 'X';
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    private static bool IsChild(int process)
    {
        try
        {
            // 12345 (dotnet) S 12300 ...
            var stat = File.ReadAllText($"/proc/{process}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ') is [not ("Z" or "X"), var parent, ..] && parent == Environment.ProcessId.ToString(CultureInfo.InvariantCulture)
                && File.ReadAllText($"/proc/{process}/cmdline").EndsWith("\0engine\0", StringComparison.Ordinal);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    public Task<HttpResponseMessage> CompleteAsync(string model, int tokens, bool stream = false, TimeSpan? timeout = null, CancellationToken? cancellationToken = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions") { Content = JsonContent.Create(new { model, prompt = "The factory", max_tokens = tokens, ignore_eos = true, stream }) };
        if (timeout is { } patience)
        {
            request.Headers.Add(WireHeaders.FirstTokenMilliseconds, patience.TotalMilliseconds.ToString(CultureInfo.InvariantCulture));
        }

        return Client.SendAsync(request, stream ? HttpCompletionOption.ResponseHeadersRead : HttpCompletionOption.ResponseContentRead, cancellationToken ?? Token);
    }

    /// <summary>Waits until a line of the metrics starts so and ends in the value.</summary>
    public async Task<string> MetricAsync(string name, string label, int value)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(Token);
        timeout.CancelAfter(TimeSpan.FromSeconds(60));
        while (true)
        {
            var text = await Client.GetStringAsync("/metrics", timeout.Token) + await Client.GetStringAsync("/metrics/vllm", timeout.Token);
            if (text.Split('\n').Any(line => line.StartsWith($"{name}{{", StringComparison.Ordinal) && line.Contains(label, StringComparison.Ordinal) && line.EndsWith($" {value}", StringComparison.Ordinal)))
            {
                return text;
            }

            await Task.Delay(10, timeout.Token);
        }
    }

    public static async Task UntilAsync(Func<bool> condition)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(Token);
        timeout.CancelAfter(TimeSpan.FromSeconds(60));
        while (!condition())
        {
            await Task.Delay(5, timeout.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Worker.DisposeAsync();
        await _library.DisposeAsync();
        await _files.DisposeAsync();
        Directory.Delete(_files.Directory, recursive: true);
    }

    [GeneratedRegex(@"The process of (\w+) is (\d+)")]
    private static partial Regex ProcessLine();
}
