using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Snapshots;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.Testing.Edges;
using AiFactory.Testing.Postgres;
using Microsoft.Extensions.Options;

namespace AiFactory.Benchmarks.GatewayLoad.Doors;

/// <summary>The gateway as it is built, in a process of its own, with everything on, usage records too: it starts from a kept snapshot, for there is no library.</summary>
internal static class GatewayDoor
{
    public const string Model = "instant";
    public const string Log = "gateway.log";
    public const string Key = "aif_benchmark0000000000000000000000000000000000";
    private const string Snapshots = "routing.snapshot";
    private const string IdentityKey = "a key for benchmarks, at least 32 characters long";

    public static Task<Door> StartAsync(string folder, Door upstream, PostgresFixture postgres, CancellationToken cancellationToken) => StartAsync(folder, upstream.Address, postgres, cancellationToken);

    public static async Task<Door> StartAsync(string folder, Uri upstream, PostgresFixture postgres, CancellationToken cancellationToken)
    {
        var port = FreePort.Take();
        var snapshot = Path.Combine(folder, Snapshots);
        await new SnapshotFile(Options.Create(new SnapshotOptions { Path = snapshot }), Options.Create(new IdentityOptions { Key = IdentityKey }))
            .WriteAsync(Snapshot(upstream), cancellationToken);
        var process = await StartProcessAsync(folder, port, upstream, await postgres.CreateDatabaseAsync(cancellationToken), new Dictionary<string, string>(), cancellationToken);
        return new Door(new LoadTarget("gateway", port, Model, [("Authorization", $"Bearer {Key}")]), process);
    }

    /// <param name="telemetry">Where its spans go, of 1 % of the requests.</param>
    /// <param name="more">Settings beside those that every benchmark has, or in their place.</param>
    public static Task<DoorProcess> StartProcessAsync(string folder, int port, Uri telemetry, string database, IReadOnlyDictionary<string, string> more, CancellationToken cancellationToken)
    {
        var settings = new Dictionary<string, string>
        {
            ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{port}",
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
            ["ASPNETCORE_CONTENTROOT"] = folder,
            ["Identity__Key"] = IdentityKey,
            ["Console__SignInToken"] = "console-token-of-the-benchmark-0",
            ["Snapshot__Path"] = Path.Combine(folder, Snapshots),
            ["ConnectionStrings__gatewaydb"] = database,
            ["Metering__Folder"] = Path.Combine(folder, "outbox"),
            ["services__library__http__0"] = "http://127.0.0.1:9",
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = telemetry.ToString(),
            ["OTEL_LOGS_EXPORTER"] = "none",
            ["OTEL_TRACES_SAMPLER"] = "parentbased_traceidratio",
            ["OTEL_TRACES_SAMPLER_ARG"] = "0.01",
        };
        foreach (var (name, value) in more)
        {
            settings[name] = value;
        }

        return DoorProcess.StartAsync(
            Path.Combine(folder, Log), ["dotnet", Path.Combine(AppContext.BaseDirectory, "AiFactory.Gateway.dll")], settings, new Uri($"http://127.0.0.1:{port}/readyz"), cancellationToken);
    }

    /// <summary>Bytes that its runtime has allocated since it started.</summary>
    public static Task<double> AllocatedAsync(Door gateway, CancellationToken cancellationToken) => MetricAsync(gateway, "dotnet_gc_heap_total_allocated_bytes_total", cancellationToken);

    /// <summary>Usage records that its database has.</summary>
    public static Task<double> DeliveredAsync(Door gateway, CancellationToken cancellationToken) => MetricAsync(gateway, "aifactory_gateway_usage_delivered_total", cancellationToken);

    /// <summary>From its own metrics; the sum of all series of that name.</summary>
    public static async Task<double> MetricAsync(Door gateway, string name, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = gateway.Address };
        var metrics = await http.GetStringAsync("metrics", cancellationToken);
        var series = metrics.Split('\n').Where(row => row.StartsWith($"{name} ", StringComparison.Ordinal) || row.StartsWith($"{name}{{", StringComparison.Ordinal)).ToList();
        return series.Count > 0
            ? series.Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture))
            : throw new InvalidOperationException($"The gateway's metrics have no {name}.");
    }

    private static RoutingSnapshot Snapshot(Uri upstream)
    {
        var day = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var key = new ApiKeyRoute(Guid.CreateVersion7(), "benchmark", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Key))), "default", false, ["developer"], null);
        var deployment = new DeploymentRoute(
            Guid.CreateVersion7(), "default", Model, "project", "chat", Model, 1, "sha256:00", 4096, day, [new ReplicaRoute("instant-1", upstream.ToString())]);
        return new RoutingSnapshot(1, day, [key], [deployment]);
    }
}
