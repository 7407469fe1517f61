using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using AiFactory.Testing.Npm;

namespace AiFactory.Gateway.Tests.Oidc;

/// <summary>npm's <c>oidc-provider</c>, a certified one, as a process that all tests share. Each test has an issuer of its own there.</summary>
public sealed class OidcServer : IAsyncDisposable
{
    private static readonly NpmFolder Npm = new("tests", "AiFactory.Gateway.Tests", "Oidc", "npm");

    private readonly SemaphoreSlim _starting = new(1, 1);
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(30) };
    private Process? _process;
    private string _address = "";
    private int _issuers;

    /// <param name="state">What is other than usual; npm/provider.mjs says what there is.</param>
    public async Task<OidcIssuer> IssuerAsync(object? state = null)
    {
        await _starting.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            if (_process is null)
            {
                await Npm.InstallAsync();
                var start = new ProcessStartInfo("node", ["provider.mjs"]) { WorkingDirectory = Npm.Path, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
                _process = Process.Start(start) ?? throw new InvalidOperationException("node did not start.");
                _process.ErrorDataReceived += (_, _) => { };
                _process.BeginErrorReadLine();
                _address = await _process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) ?? throw new InvalidOperationException("oidc-provider did not start.");
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

public sealed class OidcIssuer(HttpClient client, Uri address)
{
    /// <summary>Whom the tests' tokens are for.</summary>
    public const string Audience = "aifactory";

    public Uri Address => address;

    /// <summary>The settings of a gateway that takes its tokens: <c>developers</c> and <c>readers</c> of the project default, <c>others</c> of the project other, <c>admins</c> of all.</summary>
    public (string Name, string Value)[] Settings =>
    [
        ("Oidc:Authority", address.ToString()),
        ("Oidc:Audience", Audience),
        ("Oidc:Timeout", "00:00:30"),
        .. Group(0, "developers", "default", "developer"),
        .. Group(1, "readers", "default", "viewer"),
        .. Group(2, "others", "other", "developer"),
        .. Group(3, "admins", "*", "admin"),
        .. Group(4, "all-readers", "*", "viewer"),
    ];

    /// <returns>What it is now: <c>counts</c> of the requests by their path, and its private <c>keys</c>.</returns>
    public async Task<JsonElement> ChangeAsync(object changes)
    {
        using var response = await client.PostAsJsonAsync($"{address}/control", changes, TestContext.Current.CancellationToken);
        return await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
    }

    public async Task<int> CountAsync(string path) => (await ChangeAsync(new { })).GetProperty("counts").TryGetProperty(path, out var count) ? count.GetInt32() : 0;

    /// <summary>An access token as a program gets it for itself, with the groups of its name.</summary>
    public async Task<string> TokenAsync(string who = "ada", string audience = Audience, string algorithm = "ES256", int seconds = 300)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{address}/token")
        {
            Content = new FormUrlEncodedContent([new("grant_type", "client_credentials"), new("scope", "api"), new("resource", $"urn:{audience}:{algorithm}:{seconds}")]),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{who}:secret-of-{who}")));
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        return answer.GetProperty("access_token").GetString().ShouldNotBeNull(answer.GetRawText());
    }

    private static (string, string)[] Group(int index, string group, string project, string role) =>
        [($"Oidc:Groups:{index}:Group", group), ($"Oidc:Groups:{index}:Project", project), ($"Oidc:Groups:{index}:Roles:0", role)];
}
