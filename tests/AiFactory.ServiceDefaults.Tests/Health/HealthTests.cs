using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using AiFactory.ServiceDefaults.Health;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace AiFactory.ServiceDefaults.Tests.Health;

public sealed class HealthTests
{
    [Fact]
    public async Task Ready_says_what_is_not_ready_and_why_and_alive_does_not_care()
    {
        var databaseUp = false;
        await using var service = await TestService.StartAsync(build: builder => builder.Services.AddHealthChecks()
            .AddCheck("database", () => databaseUp ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("It is away."), [HealthTags.Ready])
            .AddCheck("secretive", () => databaseUp ? HealthCheckResult.Healthy() : throw new InvalidOperationException("password=hunter2"), [HealthTags.Ready])
            .AddCheck("other", () => HealthCheckResult.Unhealthy("Not asked.")));

        var (status, body) = await GetAsync(service, "/readyz");
        status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        body.ToJsonString().ShouldBe(
            """{"status":"unhealthy","checks":[{"name":"database","status":"unhealthy","description":"It is away."},{"name":"secretive","status":"unhealthy","description":"InvalidOperationException"}]}""");
        (await GetAsync(service, "/healthz")).Status.ShouldBe(HttpStatusCode.OK);

        databaseUp = true;
        (status, body) = await GetAsync(service, "/readyz");
        status.ShouldBe(HttpStatusCode.OK);
        body["status"]!.GetValue<string>().ShouldBe("healthy");
    }

    [Fact]
    public async Task A_stopping_service_is_not_ready_but_alive()
    {
        var release = new TaskCompletionSource();
        await using var service = await TestService.StartAsync(build: builder => builder.Services.AddHostedService(_ => new Lingering(release.Task)));

        // Stopping is announced first; the server goes on answering until the hosted services before it have stopped.
        service.App.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

        var (status, body) = await GetAsync(service, "/readyz");
        status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        body.ToJsonString().ShouldContain("stopping");
        (await GetAsync(service, "/healthz")).Status.ShouldBe(HttpStatusCode.OK);
        release.SetResult();
    }

    private static async Task<(HttpStatusCode Status, JsonObject Body)> GetAsync(TestService service, string path)
    {
        using var response = await service.Client.GetAsync(path, TestContext.Current.CancellationToken);
        return (response.StatusCode, (await response.Content.ReadFromJsonAsync<JsonObject>(TestContext.Current.CancellationToken))!);
    }

    private sealed class Lingering(Task release) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => release.WaitAsync(cancellationToken);
    }
}
