using AiFactory.Hosting.Dashboard;
using AiFactory.Hosting.Orchestration.Endpoints;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.Hosting.Tests.Dashboard;

/// <summary>The genuine dashboard, from npm.</summary>
public sealed class DashboardTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("aifactory-dash-");
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task It_lets_in_who_has_the_token_and_comes_back_after_kill_9()
    {
        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions { ProjectDirectory = _folder.FullName });
        builder.Configuration["ASPNETCORE_URLS"] = "http://localhost:0";
        builder.AddExecutable("sleeper", "/bin/sleep", _folder.FullName, "1000");
        await using var application = builder.Build();
        await application.StartAsync(_cancellation);
        // The first start fetches the dashboard; nobody waits for that.
        await application.ResourceNotifications.WaitForResourceAsync("sleeper", cancellationToken: _cancellation);

        var settings = application.Services.GetRequiredService<DashboardSettings>();
        var first = await WaitForLoginAsync(settings, notBy: null);
        (await GetAsync(new Uri(settings.Frontend, "/login?t=wrong"))).ShouldBe("/login");

        System.Diagnostics.Process.GetProcessById(first).Kill();
        await WaitForLoginAsync(settings, notBy: first);

        await application.StopAsync(_cancellation);
        PortHolder.Find(settings.Frontend.Port).ShouldBeNull();
    }

    private async Task<int> WaitForLoginAsync(DashboardSettings settings, int? notBy)
    {
        for (var attempt = 0; attempt < 600; attempt++)
        {
            try
            {
                if (PortHolder.Find(settings.Frontend.Port)?.ProcessId is { } id && id != notBy && await GetAsync(settings.Login) == "/")
                {
                    return id;
                }
            }
            catch (HttpRequestException)
            {
                // Not there yet.
            }

            await Task.Delay(200, _cancellation);
        }

        throw new TimeoutException("The dashboard did not come up within two minutes.");
    }

    /// <summary>The path at which one ends up: the login page, or with the right token the resources.</summary>
    private async Task<string> GetAsync(Uri address)
    {
        using var http = new HttpClient();
        using var response = await http.GetAsync(address, _cancellation);
        response.EnsureSuccessStatusCode();
        return response.RequestMessage?.RequestUri?.AbsolutePath ?? "";
    }
}
