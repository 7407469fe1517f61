using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using AiFactory.Contracts.Library;
using AiFactory.Contracts.Routing;
using AiFactory.Contracts.Workers;
using AiFactory.ModelLibrary.Workers;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Postgres;
using AiFactory.Testing.Postgres;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.ModelLibrary.Tests.Edges;

/// <summary>The whole library on a real Postgres and a real directory; only workers are played. One test, one library, one database.</summary>
internal sealed class LibraryUnderTest : IAsyncDisposable
{
    private readonly DirectoryInfo _folder;
    private readonly Dictionary<string, string?> _settings;
    private WebApplicationFactory<Program> _factory;

    private LibraryUnderTest(DirectoryInfo folder, string database, Dictionary<string, string?> settings)
    {
        _folder = folder;
        _settings = new Dictionary<string, string?>
        {
            ["ConnectionStrings:librarydb"] = database,
            ["ConnectionStrings:objects"] = $"Directory={Path.Combine(folder.FullName, "objects")}",
            ["Identity:Key"] = "an-identity-key-for-tests-of-32-bytes-or-more",
            ["Sources:AllowedRoots:0"] = ModelsOf(folder),
            ["Sources:SettleTime"] = "00:00:00",
            ["Workers:HeartbeatInterval"] = "00:00:30",
            ["Logging:LogLevel:Default"] = "Warning",
        };
        foreach (var (key, value) in settings)
        {
            _settings[key] = value?.Replace("{models}", Models, StringComparison.Ordinal);
        }

        _factory = Create();
    }

    /// <summary>A folder that sources may lie in.</summary>
    internal string Models => ModelsOf(_folder);

    internal string Objects => Path.Combine(_folder.FullName, "objects");

    internal IServiceProvider Services => _factory.Services;

    internal FakeProbe Probe { get; } = new();

    internal static async Task<LibraryUnderTest> StartAsync(PostgresFixture postgres, Dictionary<string, string?>? settings = null)
    {
        var folder = Directory.CreateTempSubdirectory("aifactory-library-");
        Directory.CreateDirectory(ModelsOf(folder));
        var library = new LibraryUnderTest(folder, await postgres.CreateDatabaseAsync(typeof(Program).Assembly, Token), settings ?? []);
        await library.StartAsync();
        return library;
    }

    /// <summary>Stops the library and starts it on the same database and objects; a setting that is null is taken away.</summary>
    internal async Task RestartAsync(params (string Name, string? Value)[] settings)
    {
        await _factory.DisposeAsync();
        foreach (var (name, value) in settings)
        {
            if (value is null)
            {
                _settings.Remove(name);
            }
            else
            {
                _settings[name] = value;
            }
        }

        _factory = Create();
        await StartAsync();
    }

    internal HttpClient Client(string subject, string? project, params string[] roles) =>
        Client(InternalIdentity.WithRoles(subject, project, project is null, roles));

    internal HttpClient Client(InternalIdentity identity)
    {
        var client = _factory.CreateClient();
        var token = Services.GetRequiredService<IdentityTokens>().Issue(identity, TimeSpan.FromHours(1));
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    internal HttpClient Admin() => Client("user:admin", null, Roles.Admin);

    internal HttpClient Anonymous() => _factory.CreateClient();

    internal async Task<RoutingSnapshot> SnapshotAsync(Func<RoutingSnapshot, bool> until)
    {
        using var gateway = Client(InternalIdentity.ForService(Roles.Gateway));
        long after = 0;
        while (true)
        {
            var response = await gateway.GetAsync(new Uri($"/internal/snapshot?after={after}", UriKind.Relative), Token);
            var snapshot = await response.ReadAsync<RoutingSnapshot>();
            if (until(snapshot))
            {
                return snapshot;
            }

            after = snapshot.Version;
        }
    }

    /// <summary>Asks until the check <c>kubernetes</c> is as wanted; answers the whole of it.</summary>
    internal async Task<string> ReadinessAsync(string status, string says)
    {
        using var anyone = Anonymous();
        var ready = await anyone.UntilAsync<JsonElement>("/readyz", answer => answer.GetProperty("checks").EnumerateArray().Any(check =>
            check.GetProperty("name").GetString() == "kubernetes" && check.GetProperty("status").GetString() == status
            && (says.Length == 0 || check.GetProperty("description").GetString()?.Contains(says, StringComparison.Ordinal) == true)));
        return ready.GetRawText();
    }

    internal Task<WorkerOrders> BeatAsync(string url, bool draining = false, params WorkerModelStatus[] models) => BeatAsync(url, draining, zone: null, models);

    internal async Task<WorkerOrders> BeatAsync(string url, bool draining, string? zone, WorkerModelStatus[] models)
    {
        using var worker = Client(InternalIdentity.ForService(Roles.Worker));
        var heartbeat = new WorkerHeartbeat(url, "one", draining, new WorkerCapacity("cpu: test", 2, 1 << 30), models) { Zone = zone };
        var response = await worker.PostAsJsonAsync("/internal/workers/heartbeat", heartbeat, Token);
        return await response.ReadAsync<WorkerOrders>();
    }

    internal async Task<string> PlaceAsync(string path, byte[] bytes)
    {
        var file = Path.Combine(Models, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file) ?? Models);
        await File.WriteAllBytesAsync(file, bytes, Token);
        return file;
    }

    public async ValueTask DisposeAsync()
    {
        await _factory.DisposeAsync();
        if (Directory.Exists(_folder.FullName))
        {
            _folder.Delete(recursive: true);
        }
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static string ModelsOf(DirectoryInfo folder) => Path.Combine(folder.FullName, "models");

    private WebApplicationFactory<Program> Create() => new WebApplicationFactory<Program>().WithWebHostBuilder(builder =>
    {
        foreach (var (key, value) in _settings)
        {
            builder.UseSetting(key, value);
        }

        builder.ConfigureServices(services => services.AddSingleton<IWorkerProbe>(Probe));
    });

    private Task StartAsync() => Services.GetRequiredService<MigrationState>().Completed.WaitAsync(TimeSpan.FromSeconds(60), Token);
}
