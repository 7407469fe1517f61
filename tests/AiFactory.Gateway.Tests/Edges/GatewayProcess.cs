using System.Diagnostics;
using AiFactory.Testing.Edges;
using AiFactory.Testing.Factory;

namespace AiFactory.Gateway.Tests.Edges;

/// <summary>The gateway as a process of its own, which can be killed and started again at the same port with the same folder.</summary>
internal sealed class GatewayProcess : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("aifactory-gateway-");
    private readonly (string Name, string Value)[] _settings;
    private readonly int _port = FreePort.Take();
    private Process? _process;

    public GatewayProcess(FakeLibrary library, params (string Name, string Value)[] settings)
    {
        _settings =
        [
            ("Identity:Key", GatewayUnderTest.IdentityKey),
            ("Console:SignInToken", GatewayUnderTest.SignInToken),
            ("Snapshot:Path", Path.Combine(_folder.FullName, "routing.snapshot")),
            ("Metering:Folder", Path.Combine(_folder.FullName, "outbox")),
            ("services:library:http:0", library.Address.ToString()),
            ("ASPNETCORE_URLS", $"http://127.0.0.1:{_port}"),
            ("Logging:LogLevel:Default", "Critical"),
            ("DOTNET_TieredPGO", "0"), // it does not live long enough to gain by it
            .. settings,
        ];
        Client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_port}"), Timeout = TimeSpan.FromSeconds(30) };
    }

    public HttpClient Client { get; }

    public async Task StartAsync()
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "AiFactory.Gateway.dll")]) { WorkingDirectory = AppContext.BaseDirectory };
        foreach (var (name, value) in _settings)
        {
            start.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        _process = Process.Start(start) ?? throw new InvalidOperationException("The process did not start.");
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!await IsReadyAsync())
        {
            limit.IsCancellationRequested.ShouldBeFalse("the gateway should have become ready");
            await Task.Delay(25, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>SIGKILL: nothing of it can say goodbye.</summary>
    public void Kill()
    {
        if (_process is { HasExited: false } process)
        {
            Signals.Send(process.Id, Signals.Kill);
            process.WaitForExit();
        }
    }

    public ValueTask DisposeAsync()
    {
        Kill();
        _process?.Dispose();
        Client.Dispose();
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            using var answer = await Client.GetAsync(new Uri("/readyz", UriKind.Relative), TestContext.Current.CancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
