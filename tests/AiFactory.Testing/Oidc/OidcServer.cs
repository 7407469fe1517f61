using System.Diagnostics;
using AiFactory.Testing.Npm;

namespace AiFactory.Testing.Oidc;

/// <summary>npm's <c>oidc-provider</c>, a certified one, as a process that all tests share. Each test has an issuer of its own there. As an assembly fixture, or made by whoever disposes of it.</summary>
public sealed class OidcServer : IAsyncDisposable
{
    private static readonly NpmFolder Npm = new("tests", "AiFactory.Testing", "Oidc", "npm");

    private readonly SemaphoreSlim _starting = new(1, 1);
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(30) };
    private Process? _process;
    private string _address = "";
    private int _issuers;

    /// <param name="state">What is other than usual; npm/provider.mjs says what there is.</param>
    public async Task<OidcIssuer> IssuerAsync(object? state = null)
    {
        await _starting.WaitAsync();
        try
        {
            if (_process is null)
            {
                await Npm.InstallAsync();
                var start = new ProcessStartInfo("node", ["provider.mjs"]) { WorkingDirectory = Npm.Path, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
                _process = Process.Start(start) ?? throw new InvalidOperationException("node did not start.");
                _process.ErrorDataReceived += (_, _) => { };
                _process.BeginErrorReadLine();
                _address = await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("oidc-provider did not start.");
            }
        }
        finally
        {
            _starting.Release();
        }

        var issuer = new OidcIssuer(_client, new Uri($"{_address}/issuer{Interlocked.Increment(ref _issuers)}"));
        await issuer.ChangeAsync(state ?? new { });
        return issuer;
    }

    /// <summary>It ends with its standard input, also where this process was killed.</summary>
    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        _starting.Dispose();
        if (_process is { } process)
        {
            process.StandardInput.Close();
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }
}
