using System.Diagnostics;
using System.Net.Http.Headers;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.Testing.Edges;
using AiFactory.Testing.Factory;
using Microsoft.Extensions.Options;

namespace AiFactory.Builder.Tests.Edges;

/// <summary>The builder as a process of its own, which can be killed and started again at the same port.</summary>
internal sealed class BuilderProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly IReadOnlyDictionary<string, string> _settings;
    private readonly int _port = FreePort.Take();
    private Process? _process;

    internal BuilderProcess(string role, IReadOnlyDictionary<string, string> settings)
    {
        Role = role;
        _settings = settings;
        var tokens = new IdentityTokens(Options.Create(new IdentityOptions { Key = BuilderUnderTest.IdentityKey }), TimeProvider.System);
        var token = tokens.Issue(InternalIdentity.WithRoles("user:ada", "default", false, [Roles.Developer]), TimeSpan.FromHours(1));
        Client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_port}"), Timeout = TimeSpan.FromSeconds(10) };
        Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    internal string Role { get; }

    /// <summary>A developer of the project <c>default</c>.</summary>
    internal HttpClient Client { get; }

    internal void Start()
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "AiFactory.Builder.dll")]) { WorkingDirectory = AppContext.BaseDirectory };
        foreach (var (name, value) in _settings)
        {
            start.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        start.Environment["Builder__Role"] = Role;
        start.Environment["Identity__Key"] = BuilderUnderTest.IdentityKey;
        start.Environment["ASPNETCORE_URLS"] = $"http://127.0.0.1:{_port}";
        start.Environment["Logging__LogLevel__Default"] = "Critical";
        start.Environment["DOTNET_TieredPGO"] = "0"; // it does not live long enough to gain by it
        _process = Process.Start(start) ?? throw new InvalidOperationException("The process did not start.");
    }

    /// <summary>SIGKILL: nothing of it can say goodbye.</summary>
    internal void Kill()
    {
        if (_process is { HasExited: false } process)
        {
            Signals.Send(process.Id, Signals.Kill);
            process.WaitForExit();
        }
    }

    /// <summary>SIGTERM: it ends by itself.</summary>
    internal async Task<int> EndAsync()
    {
        var process = _process ?? throw new InvalidOperationException("The process was not started.");
        Signals.Send(process.Id, Signals.Terminate);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return process.ExitCode;
    }

    internal async Task<bool> IsReadyAsync()
    {
        try
        {
            using var answer = await Client.GetAsync(new Uri("/readyz", UriKind.Relative), TestContext.Current.CancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception error) when (error is HttpRequestException || (error is TaskCanceledException && !TestContext.Current.CancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }

    internal async Task ReadyAsync()
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!await IsReadyAsync())
        {
            TimeProvider.System.GetElapsedTime(began).ShouldBeLessThan(Patience, $"the {Role} should have become ready");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    public ValueTask DisposeAsync()
    {
        Kill();
        _process?.Dispose();
        Client.Dispose();
        return ValueTask.CompletedTask;
    }
}
