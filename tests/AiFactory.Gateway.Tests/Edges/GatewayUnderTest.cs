using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Routing;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AiFactory.Gateway.Tests.Edges;

/// <summary>The whole gateway on a real Kestrel with a library of the test's, in a folder of its own.</summary>
public sealed class GatewayUnderTest : IAsyncDisposable
{
    public const string IdentityKey = "an identity key for tests, of over 32 characters";
    public const string SignInToken = "console-token-of-the-tests-000000";

    private readonly Dictionary<string, string?> _settings;
    private readonly bool _ownsFolder;
    private TimeProvider? _clock;
    private WebApplicationFactory<Program>? _factory;

    private GatewayUnderTest(FakeLibrary library, string? folder, Dictionary<string, string?> settings)
    {
        Library = library;
        _ownsFolder = folder is null;
        Folder = folder ?? Directory.CreateTempSubdirectory("aifactory-gateway-").FullName;
        _settings = settings;
    }

    public FakeLibrary Library { get; }

    public string Folder { get; }

    public string SnapshotPath => Path.Combine(Folder, "routing.snapshot");

    public HttpClient Client { get; private set; } = new();

    public IServiceProvider Services => Factory.Services;

    public CapturedLog Log { get; } = new();

    private WebApplicationFactory<Program> Factory => _factory ?? throw new InvalidOperationException("The gateway was not started.");

    /// <param name="clock">The gateway's, in place of the system's.</param>
    public static async Task<GatewayUnderTest> StartAsync(Plan plan, TimeProvider clock, params (string Name, string Value)[] settings)
    {
        var all = settings.ToDictionary(setting => setting.Name, setting => (string?)setting.Value);
        var gateway = new GatewayUnderTest(await FakeLibrary.StartedAsync(plan.Snapshot()), folder: null, all) { _clock = clock };
        gateway.Start();
        await UntilAsync(() => gateway.Version == plan.Version);
        return gateway;
    }

    public static Task<GatewayUnderTest> StartAsync(Plan plan, params (string Name, string Value)[] settings) => StartAsync(plan.Snapshot(), settings);

    public static async Task<GatewayUnderTest> StartAsync(RoutingSnapshot snapshot, params (string Name, string Value)[] settings)
    {
        var gateway = await StartAsync(await FakeLibrary.StartedAsync(snapshot), folder: null, settings);
        await UntilAsync(() => gateway.Version == snapshot.Version);
        return gateway;
    }

    /// <summary>One of several gateways of a library: whoever made the library ends it too.</summary>
    public static async Task<GatewayUnderTest> StartAsync(FakeLibrary library, string? folder, TimeProvider clock)
    {
        var gateway = new GatewayUnderTest(library, folder, []) { _clock = clock };
        gateway.Start();
        await UntilAsync(() => gateway.Version > 0);
        return gateway;
    }

    /// <summary>Does not wait for a snapshot.</summary>
    public static Task<GatewayUnderTest> StartAsync(FakeLibrary library, string? folder, params (string Name, string Value)[] settings)
    {
        var all = settings.ToDictionary(setting => setting.Name, setting => (string?)setting.Value);
        var gateway = new GatewayUnderTest(library, folder, all);
        gateway.Start();
        return Task.FromResult(gateway);
    }

    public long Version => Services.GetRequiredService<CurrentRoutes>().Table?.Snapshot.Version ?? 0;

    /// <summary>The library publishes; returns when the gateway has swapped.</summary>
    public async Task PublishAsync(Plan plan)
    {
        Library.Publish(plan.Snapshot());
        await UntilAsync(() => Version == plan.Version);
    }

    public static Task UntilAsync(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string? text = null) => UntilAsync(() => Task.FromResult(condition()), text);

    public static async Task UntilAsync(Func<Task<bool>> condition, [CallerArgumentExpression(nameof(condition))] string? text = null)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!await condition())
        {
            limit.IsCancellationRequested.ShouldBeFalse($"it should have come true: {text}");
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    public static HttpRequestMessage Request(HttpMethod method, string path, string? key = Plan.DeveloperKey, string? json = null)
    {
        var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        if (key is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        if (json is not null)
        {
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        }

        return request;
    }

    public Task<HttpResponseMessage> ChatAsync(string body = """{"model":"demo-chat","messages":[]}""", string? key = Plan.DeveloperKey) =>
        SendAsync(Request(HttpMethod.Post, "/v1/chat/completions", key, body));

    public Task<HttpResponseMessage> GetAsync(string path, string? key = Plan.DeveloperKey) => SendAsync(Request(HttpMethod.Get, path, key));

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request) =>
        Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);

    /// <summary>The answer's whole text.</summary>
    public static Task<string> TextAsync(HttpResponseMessage response) => response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Library.DisposeAsync();
        if (_factory is { } factory)
        {
            _factory = null;
            await factory.DisposeAsync();
        }

        if (_ownsFolder)
        {
            Directory.Delete(Folder, recursive: true);
        }
    }

    private void Start()
    {
        _factory = new WebApplicationFactory<Program>().WithWebHostBuilder(builder =>
        {
            builder.UseEnvironment(_settings.GetValueOrDefault("environment") ?? "Production");
            builder.UseUrls("http://127.0.0.1:0");
            builder.UseSetting("Identity:Key", IdentityKey);
            builder.UseSetting("Console:SignInToken", SignInToken);
            builder.UseSetting("Snapshot:Path", SnapshotPath);
            builder.UseSetting("Metering:Folder", Path.Combine(Folder, "outbox"));
            builder.UseSetting("Metering:ShipInterval", "00:00:00.020");
            builder.UseSetting("Snapshot:RetryDelay", "00:00:00.050");
            builder.UseSetting("services:library:http:0", Library.Address.ToString());
            foreach (var (name, value) in _settings)
            {
                builder.UseSetting(name, value);
            }

            if (_clock is { } clock)
            {
                builder.ConfigureServices(services => services.AddSingleton(clock));
            }

            builder.ConfigureLogging(logging => logging.ClearProviders().AddProvider(Log));
        });
        _factory.UseKestrel();
        _factory.StartServer();
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, MaxResponseDrainSize = 0 })
        {
            BaseAddress = new Uri(_factory.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()), // Kestrel has it
            Timeout = TimeSpan.FromSeconds(30),
        };
    }
}
