using AiFactory.Gateway.Registry;
using AiFactory.Gateway.Routing;
using AiFactory.Gateway.Snapshots;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Tests.Snapshots;

public sealed class SnapshotWatcherTests
{
    [Fact]
    public async Task A_library_that_keeps_to_an_older_snapshot_was_restored_from_a_backup()
    {
        var folder = Directory.CreateTempSubdirectory("aifactory-gateway-");
        await using var library = await FakeLibrary.StartedAsync(new Plan { Version = 50 }.Snapshot());
        var time = new ManualTimeProvider();
        var routes = new CurrentRoutes();
        using var watcher = Watcher(library, routes, time, folder);
        var cancellationToken = TestContext.Current.CancellationToken;

        await watcher.RunOnceAsync(cancellationToken);
        routes.Table?.Snapshot.Version.ShouldBe(50);

        library.LongestWait = TimeSpan.FromMilliseconds(1);
        library.Publish(new Plan { Version = 40 }.Snapshot());
        await RunAsync(4);
        routes.Table?.Snapshot.Version.ShouldBe(50, "it may be an old answer that came late");

        time.Advance(TimeSpan.FromSeconds(11));
        await RunAsync(4);
        routes.Table?.Snapshot.Version.ShouldBe(40);
        folder.Delete(recursive: true);

        async Task RunAsync(int times)
        {
            for (var i = 0; i < times; i++)
            {
                await watcher.RunOnceAsync(cancellationToken);
            }
        }
    }

    private static SnapshotWatcher Watcher(FakeLibrary library, CurrentRoutes routes, TimeProvider time, DirectoryInfo folder)
    {
        var options = Options.Create(new SnapshotOptions { Path = Path.Combine(folder.FullName, "routing.snapshot") });
        var identity = Options.Create(new IdentityOptions { Key = GatewayUnderTest.IdentityKey });
        return new SnapshotWatcher(
            routes,
            new RoutePublisher(routes, new StaticRegistry(), CloudPlan.Seal(), NullLogger<RoutePublisher>.Instance),
            new SnapshotFile(options, identity),
            new SnapshotClient(new OneClient(library.Address)),
            options,
            time,
            NullLogger<SnapshotWatcher>.Instance);
    }

    private sealed class OneClient(Uri address) : IHttpClientFactory
    {
        public HttpClient CreateClient(string name) => new() { BaseAddress = address };
    }
}
