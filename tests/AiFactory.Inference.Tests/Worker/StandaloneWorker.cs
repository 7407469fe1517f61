using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace AiFactory.Inference.Tests.Worker;

/// <summary>The worker's own executable, told everything by its environment, as a container is.</summary>
internal sealed class StandaloneWorker : IAsyncDisposable
{
    private readonly Process _process;
    private readonly List<string> _output = [];

    private StandaloneWorker(Process process, Uri address)
    {
        _process = process;
        Address = address;
        foreach (var add in (Action<DataReceivedEventHandler>[])[handler => process.OutputDataReceived += handler, handler => process.ErrorDataReceived += handler])
        {
            add((_, line) =>
            {
                lock (_output)
                {
                    _output.Add(line.Data ?? "");
                }
            });
        }

        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public Uri Address { get; }

    public int ProcessId => _process.Id;

    public string Output
    {
        get
        {
            lock (_output)
            {
                return string.Join('\n', _output);
            }
        }
    }

    public static StandaloneWorker Start(Dictionary<string, string?> environment)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var address = new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
        listener.Stop();
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(Program).Assembly.Location]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["ASPNETCORE_URLS"] = address.ToString();
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new StandaloneWorker(Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start."), address);
    }

    public HttpClient CreateCaller(string? key)
    {
        var client = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromMinutes(2) };
        client.DefaultRequestHeaders.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        return client;
    }

    /// <summary>Waits until the model is served.</summary>
    public async Task WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(TimeSpan.FromMinutes(2));
        using var client = CreateCaller(null);
        while (true)
        {
            try
            {
                if ((await client.GetAsync("/readyz", patience.Token)).StatusCode == HttpStatusCode.OK)
                {
                    return;
                }
            }
            catch (HttpRequestException) when (!_process.HasExited)
            {
                // It does not listen yet.
            }
            catch (Exception error) when (error is OperationCanceledException or HttpRequestException && !cancellationToken.IsCancellationRequested)
            {
                throw new InvalidOperationException($"The worker is not ready: {Output}", error);
            }

            await Task.Delay(50, cancellationToken);
        }
    }

    public async Task<int> WaitForEndAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(TimeSpan.FromMinutes(2));
        await _process.WaitForExitAsync(patience.Token);
        return _process.ExitCode;
    }

    /// <summary>With SIGKILL: it has no word in it.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }
}
