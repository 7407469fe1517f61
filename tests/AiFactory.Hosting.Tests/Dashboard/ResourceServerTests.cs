using AiFactory.Hosting.Dashboard;
using AiFactory.Hosting.Dashboard.Proto;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace AiFactory.Hosting.Tests.Dashboard;

public sealed class ResourceServerTests : IAsyncLifetime
{
    private const string Key = "the-key";
    private const string Secret = "very-secret-value";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("aifactory-dash-");
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;
    private DistributedApplication? _application;
    private ResourceServer? _server;
    private Uri? _address;

    private DistributedApplication Application => _application ?? throw new InvalidOperationException("Not initialized.");

    public async ValueTask InitializeAsync()
    {
        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions { ProjectDirectory = _folder.FullName, DisableDashboard = true });
        var secret = builder.AddParameter("secret", Secret, secret: true);
        builder.AddExecutable("sleeper", "/bin/sh", _folder.FullName, "-c", "echo hello from sleeper; sleep 1000")
            .WithEnvironment("PLAIN", "seen")
            .WithEnvironment("SECRET", secret)
            .WithEnvironment("COPIED", $"prefix-{Secret}")
            .WithHttpEndpoint();
        _application = builder.Build();
        var services = _application.Services;
        var model = services.GetRequiredService<DistributedApplicationModel>();
        var service = new DashboardService(
            "test",
            new ResourceMessage(new SecretMask(model.Resources), DateTime.UnixEpoch),
            _application.ResourceNotifications,
            services.GetRequiredService<ResourceLoggerService>(),
            _application.ResourceCommands);
        _server = new ResourceServer(service, Key, NullLogger.Instance);
        _address = await _server.StartAsync(_cancellation);
        await _application.StartAsync(_cancellation);
        await _application.ResourceNotifications.WaitForResourceAsync("sleeper", cancellationToken: _cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await Application.StopAsync(CancellationToken.None);
        await Application.DisposeAsync();
        await (_server?.DisposeAsync() ?? ValueTask.CompletedTask);
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_wrong_key_is_unauthenticated()
    {
        using var client = Client("wrong");
        using var response = await client.CallAsync("WatchResources", new WatchResourcesRequest(), _cancellation);
        await response.Content.ReadAsByteArrayAsync(_cancellation);
        GrpcClient.Status(response).ShouldBe("16");
    }

    [Fact]
    public async Task An_unknown_method_is_unimplemented()
    {
        using var client = Client();
        using var response = await client.CallAsync("UploadFile", new WatchResourcesRequest(), _cancellation);
        await response.Content.ReadAsByteArrayAsync(_cancellation);
        GrpcClient.Status(response).ShouldBe("12");
    }

    [Fact]
    public async Task The_first_message_has_every_resource_with_its_secrets_masked()
    {
        using var client = Client();
        using var response = await client.CallAsync("WatchResources", new WatchResourcesRequest(), _cancellation);
        var stream = await response.Content.ReadAsStreamAsync(_cancellation);
        var update = (await GrpcClient.ReadAsync(stream, WatchResourcesUpdate.Parser, _cancellation)).ShouldNotBeNull();

        update.ToString().ShouldNotContain(Secret);
        var sleeper = update.InitialData.Resources.Single(r => r.DisplayName == "sleeper");
        sleeper.State.ShouldBe("Running");
        sleeper.CreatedAt.ShouldNotBeNull();
        sleeper.Urls.ShouldAllBe(url => url.DisplayProperties != null);
        sleeper.Properties.ShouldAllBe(property => property.Value != null);
        sleeper.Commands.Select(c => c.Name).ShouldContain("restart");
        var environment = sleeper.Environment.ToDictionary(e => e.Name, e => e.Value);
        environment["PLAIN"].ShouldBe("seen");
        environment["SECRET"].ShouldBe(SecretMask.Masked);
        environment["COPIED"].ShouldBe("prefix-" + SecretMask.Masked);
    }

    [Fact]
    public async Task A_command_is_carried_out_and_the_change_is_streamed()
    {
        using var client = Client();
        using var watch = await client.CallAsync("WatchResources", new WatchResourcesRequest(), _cancellation);
        var stream = await watch.Content.ReadAsStreamAsync(_cancellation);
        var first = (await GrpcClient.ReadAsync(stream, WatchResourcesUpdate.Parser, _cancellation)).ShouldNotBeNull();
        var id = first.InitialData.Resources.Single(r => r.DisplayName == "sleeper").Name;

        using var stop = await client.CallAsync(
            "ExecuteResourceCommand", new ResourceCommandRequest { ResourceName = id, CommandName = "stop" }, _cancellation);
        var answer = await GrpcClient.ReadAsync(await stop.Content.ReadAsStreamAsync(_cancellation), ResourceCommandResponse.Parser, _cancellation);
        answer.ShouldNotBeNull().Kind.ShouldBe(ResourceCommandResponseKind.Succeeded);

        while (true)
        {
            var update = (await GrpcClient.ReadAsync(stream, WatchResourcesUpdate.Parser, _cancellation)).ShouldNotBeNull();
            if (update.Changes.Value.Any(change => change.Upsert.Name == id && change.Upsert.State is "Exited" or "Finished"))
            {
                return;
            }
        }
    }

    [Fact]
    public async Task Console_logs_are_streamed()
    {
        using var client = Client();
        var running = await Application.ResourceNotifications.WaitForResourceAsync("sleeper", _ => true, _cancellation);
        using var response = await client.CallAsync(
            "WatchResourceConsoleLogs", new WatchResourceConsoleLogsRequest { ResourceName = running.ResourceId }, _cancellation);
        var stream = await response.Content.ReadAsStreamAsync(_cancellation);
        var lines = new List<string>();
        while (!lines.Exists(line => line.EndsWith("hello from sleeper", StringComparison.Ordinal)))
        {
            var update = (await GrpcClient.ReadAsync(stream, WatchResourceConsoleLogsUpdate.Parser, _cancellation)).ShouldNotBeNull();
            lines.AddRange(update.LogLines.Select(line => line.Text));
        }
    }

    [Fact]
    public async Task When_the_server_stops_a_watch_ends_as_unavailable()
    {
        using var client = Client();
        using var response = await client.CallAsync("WatchInteractions", new WatchResourcesRequest(), _cancellation);
        response.IsSuccessStatusCode.ShouldBeTrue();
        var rest = response.Content.ReadAsByteArrayAsync(_cancellation);
        await (_server?.DisposeAsync() ?? ValueTask.CompletedTask);
        _server = null;
        (await rest).ShouldBeEmpty();
        GrpcClient.Status(response).ShouldBe("14");
    }

    private GrpcClient Client(string key = Key) => new(_address ?? throw new InvalidOperationException("Not initialized."), key);
}
