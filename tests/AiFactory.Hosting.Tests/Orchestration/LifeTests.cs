using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AiFactory.Hosting.Tests.Orchestration;

public sealed class LifeTests : IDisposable
{
    private readonly TestHost _host = new();
    private readonly HttpClient _http = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero });
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _http.Dispose();
        _host.Dispose();
    }

    [Fact]
    public async Task Who_waits_for_another_starts_when_that_one_is_healthy()
    {
        var healthy = Path.Combine(_host.Folder, "healthy");
        var builder = _host.Builder();
        var first = TestHost.AddService(builder, "first").WithEnvironment("HEALTHY_FILE", healthy);
        TestHost.AddService(builder, "second").WaitFor(first);
        await using var application = builder.Build();
        await application.StartAsync(_cancellation);

        await TestHost.Soon(application.ResourceNotifications.WaitForResourceAsync("second", KnownResourceStates.Waiting, _cancellation));
        await TestHost.Soon(application.ResourceNotifications.WaitForResourceAsync(
            "first", e => e.Snapshot.HealthReports.Any(r => r.Description?.Contains("answered 503, expected 200: no file", StringComparison.Ordinal) == true), _cancellation));
        var second = await application.ResourceNotifications.WaitForResourceAsync("second", _ => true, _cancellation);
        second.Snapshot.State?.Text.ShouldBe(KnownResourceStates.Waiting);

        await File.WriteAllTextAsync(healthy, "", _cancellation);
        await TestHost.Soon(application.ResourceNotifications.WaitForResourceHealthyAsync("second", _cancellation));
        await application.StopAsync(_cancellation);
    }

    [Fact]
    public async Task A_service_that_is_killed_is_started_again_and_its_callers_see_a_pause()
    {
        var builder = _host.Builder();
        var service = TestHost.AddService(builder, "service");
        await using var application = builder.Build();
        await application.StartAsync(_cancellation);
        await TestHost.Soon(application.ResourceNotifications.WaitForResourceHealthyAsync("service", _cancellation));
        var address = new Uri(service.GetEndpoint("http").Url);
        var before = int.Parse(await _http.GetStringAsync(address, _cancellation), CultureInfo.InvariantCulture);

        using (var process = Process.GetProcessById(before))
        {
            process.Kill();
            await process.WaitForExitAsync(_cancellation);
        }

        var after = int.Parse(await TestHost.Soon(_http.GetStringAsync(address, _cancellation)), CultureInfo.InvariantCulture);
        after.ShouldNotBe(before);
        var again = await TestHost.Soon(application.ResourceNotifications.WaitForResourceHealthyAsync("service", _cancellation));
        again.Snapshot.Properties.ShouldContain(p => p.Name == "Restarts" && Equals(p.Value, 1));
        await application.StopAsync(_cancellation);
    }

    [Fact]
    public async Task A_process_that_keeps_crashing_is_seen_to_wait_between_its_starts()
    {
        var builder = _host.Builder();
        builder.AddExecutable("broken", "sh", ".", "-c", "echo no way; exit 3");
        await using var application = builder.Build();
        await application.StartAsync(_cancellation);

        var waiting = await TestHost.Soon(application.ResourceNotifications.WaitForResourceAsync(
            "broken", e => e.Snapshot.State?.Text == "Restarting" && e.Snapshot.ExitCode == 3, _cancellation));
        await TestHost.Soon(application.ResourceNotifications.WaitForResourceAsync(
            "broken", e => e.Snapshot.Properties.Any(p => p.Name == "Restarts" && p.Value is >= 2), _cancellation));
        waiting.ResourceId.ShouldStartWith("broken-");
        await application.StopAsync(_cancellation);
    }

    [Fact]
    public async Task A_start_that_fails_after_a_crash_is_tried_again()
    {
        var work = Directory.CreateDirectory(Path.Combine(_host.Folder, "work"));
        var builder = _host.Builder();
        builder.AddExecutable("fragile", "sh", work.FullName, "-c", "test -e ../mended && exec sleep 1000; rmdir \"$PWD\"; exit 3");
        await using var application = builder.Build();
        await application.StartAsync(_cancellation);

        // Without an exit code: there is no working directory to start in.
        await TestHost.Soon(application.ResourceNotifications.WaitForResourceAsync(
            "fragile", e => e.Snapshot.State?.Text == "Restarting" && e.Snapshot.ExitCode is null, _cancellation));
        await File.WriteAllTextAsync(Path.Combine(_host.Folder, "mended"), "", _cancellation);
        work.Create();
        await TestHost.Soon(application.ResourceNotifications.WaitForResourceAsync("fragile", KnownResourceStates.Running, _cancellation));
        await application.StopAsync(_cancellation);
    }

    [Fact]
    public async Task A_replica_listens_where_it_did_before_unless_someone_took_the_port()
    {
        var first = await PortsOfARunAsync(crash: true);
        first.Distinct().Count().ShouldBe(2);
        (await PortsOfARunAsync(crash: false)).ShouldBe(first);

        using var holder = new TcpListener(IPAddress.Loopback, first[0]);
        holder.Start();
        var third = await PortsOfARunAsync(crash: false);
        third[0].ShouldNotBe(first[0]);
        third[1].ShouldBe(first[1]);
    }

    [Fact]
    public async Task Replicas_stand_behind_one_port_and_share_its_connections()
    {
        var builder = _host.Builder();
        var service = TestHost.AddService(builder, "service").WithReplicas(3);
        await using var application = builder.Build();
        await application.StartAsync(_cancellation);
        await TestHost.Soon(application.ResourceNotifications.WaitForResourceHealthyAsync("service", _cancellation));

        var answers = new HashSet<string>();
        for (var i = 0; i < 9; i++)
        {
            answers.Add(await _http.GetStringAsync(new Uri(service.GetEndpoint("http").Url), _cancellation));
        }

        answers.Count.ShouldBe(3);
        await application.StopAsync(_cancellation);
        answers.ShouldAllBe(pid => !Directory.Exists($"/proc/{pid}"));
    }

    [Fact]
    public async Task A_task_finishes_once_and_those_who_wait_for_it_go_on()
    {
        var builder = _host.Builder();
        var task = builder.AddExecutable("task", "sh", ".", "-c", "echo done > task.txt");
        builder.AddExecutable("after", "sh", ".", "-c", "cp task.txt after.txt").WaitForCompletion(task);
        await using var application = builder.Build();
        await application.StartAsync(_cancellation);

        await TestHost.Soon(application.ResourceNotifications.WaitForResourceAsync("after", KnownResourceStates.Finished, _cancellation));
        File.Exists(Path.Combine(_host.Folder, "after.txt")).ShouldBeTrue();
        await application.StopAsync(_cancellation);
    }

    [Fact]
    public async Task Stop_start_and_restart_are_commands_and_so_are_the_models_own()
    {
        var builder = _host.Builder();
        var service = TestHost.AddService(builder, "service").WithCommand("greet", "Greet", context => Task.FromResult(CommandResults.Success("hello")));
        await using var application = builder.Build();
        await application.StartAsync(_cancellation);
        var ready = await TestHost.Soon(application.ResourceNotifications.WaitForResourceHealthyAsync("service", _cancellation));
        var first = TestHost.Pid(ready.Snapshot);

        (await TestHost.Soon(application.ResourceCommands.ExecuteCommandAsync(service.Resource, "greet", _cancellation))).Message.ShouldBe("hello");
        (await TestHost.Soon(application.ResourceCommands.ExecuteCommandAsync(ready.ResourceId, KnownResourceCommands.StopCommand, _cancellation))).Success.ShouldBeTrue();
        Directory.Exists($"/proc/{first}").ShouldBeFalse();
        application.ResourceNotifications.TryGetCurrentState(ready.ResourceId, out var stopped).ShouldBeTrue();
        stopped.Snapshot.State?.Text.ShouldBe(KnownResourceStates.Exited);
        stopped.Snapshot.Commands.Single(c => c.Name == KnownResourceCommands.StartCommand).State.ShouldBe(ResourceCommandState.Enabled);

        await TestHost.Soon(application.ResourceCommands.ExecuteCommandAsync(ready.ResourceId, KnownResourceCommands.StartCommand, _cancellation));
        var second = TestHost.Pid((await TestHost.Soon(application.ResourceNotifications.WaitForResourceHealthyAsync("service", _cancellation))).Snapshot);
        await TestHost.Soon(application.ResourceCommands.ExecuteCommandAsync(ready.ResourceId, KnownResourceCommands.RestartCommand, _cancellation));
        var third = TestHost.Pid((await TestHost.Soon(application.ResourceNotifications.WaitForResourceHealthyAsync("service", _cancellation))).Snapshot);
        new[] { first, second, third }.Distinct().Count().ShouldBe(3);
        await application.StopAsync(_cancellation);
    }

    [Fact]
    public async Task A_process_that_ignores_the_signal_is_killed_and_what_others_need_stops_last()
    {
        var builder = _host.Builder();
        var server = TestHost.AddService(builder, "server");
        TestHost.AddService(builder, "client").WithReference(server).WithEnvironment("STUBBORN", "1");
        await using var application = builder.Build();
        var ended = new List<string>();
        foreach (var name in new[] { "server", "client" })
        {
            builder.Eventing.Subscribe<ResourceStoppedEvent>((e, _) =>
            {
                lock (ended)
                {
                    if (e.Resource.Name == name)
                    {
                        ended.Add(name);
                    }
                }

                return Task.CompletedTask;
            });
        }

        await application.StartAsync(_cancellation);
        await TestHost.Soon(application.ResourceNotifications.WaitForResourceHealthyAsync("server", _cancellation));
        var client = await TestHost.Soon(application.ResourceNotifications.WaitForResourceHealthyAsync("client", _cancellation));
        await TestHost.Soon(application.StopAsync(_cancellation));

        ended.ShouldBe(["client", "server"]);
        Directory.Exists($"/proc/{TestHost.Pid(client.Snapshot)}").ShouldBeFalse();
    }

    [Fact]
    public async Task What_a_process_prints_is_kept_and_passed_on()
    {
        var builder = _host.Builder();
        var service = TestHost.AddService(builder, "service");
        await using var application = builder.Build();
        await application.StartAsync(_cancellation);
        var ready = await TestHost.Soon(application.ResourceNotifications.WaitForResourceHealthyAsync("service", _cancellation));
        using var answer = await _http.PostAsync(new Uri($"{service.GetEndpoint("http").Url}/say/hello"), null, _cancellation);

        var loggers = (ResourceLoggerService?)application.Services.GetService(typeof(ResourceLoggerService));
        var found = new List<LogLine>();
        await TestHost.Soon(Task.Run(
            async () =>
            {
                await foreach (var batch in loggers.ShouldNotBeNull().WatchAsync(ready.ResourceId).WithCancellation(_cancellation))
                {
                    found.AddRange(batch.Where(l => l.Content.EndsWith(" hello", StringComparison.Ordinal)));
                    if (found.Count == 2)
                    {
                        return;
                    }
                }
            },
            _cancellation));
        found.Single(l => l.Content.EndsWith("out hello", StringComparison.Ordinal)).IsErrorMessage.ShouldBeFalse();
        found.Single(l => l.Content.EndsWith("err hello", StringComparison.Ordinal)).IsErrorMessage.ShouldBeTrue();
        await application.StopAsync(_cancellation);
    }

    /// <summary>The ports on which the two replicas of a service listen themselves, the first replica's first.</summary>
    private async Task<int[]> PortsOfARunAsync(bool crash)
    {
        var builder = _host.Builder();
        var service = TestHost.AddService(builder, "service").WithReplicas(2);
        await using var application = builder.Build();
        await application.StartAsync(_cancellation);
        await TestHost.Soon(application.ResourceNotifications.WaitForResourceHealthyAsync("service", _cancellation));
        var ports = service.Resource.ResourceIds().Select(id => PortOf(application, id)).ToArray();
        if (crash)
        {
            application.ResourceNotifications.TryGetCurrentState(service.Resource.ResourceIds()[0], out var before).ShouldBeTrue();
            using (var process = Process.GetProcessById(TestHost.Pid(before.Snapshot)))
            {
                process.Kill();
            }

            await TestHost.Soon(application.ResourceNotifications.WaitForResourceAsync(
                "service", e => e.Snapshot.HealthStatus == HealthStatus.Healthy && e.Snapshot.Properties.Any(p => p.Name == "Restarts" && Equals(p.Value, 1)), _cancellation));
            service.Resource.ResourceIds().Select(id => PortOf(application, id)).ShouldBe(ports);
            using var answer = await _http.GetAsync(new Uri($"http://localhost:{ports[0]}/health"), _cancellation);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        await application.StopAsync(_cancellation);
        return ports;
    }

    private static int PortOf(DistributedApplication application, string resourceId)
    {
        application.ResourceNotifications.TryGetCurrentState(resourceId, out var state).ShouldBeTrue();
        return new Uri(state.Snapshot.EnvironmentVariables.Single(v => v.Name == "ASPNETCORE_URLS").Value.ShouldNotBeNull()).Port;
    }
}
