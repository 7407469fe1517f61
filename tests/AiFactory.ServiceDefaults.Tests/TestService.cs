using AiFactory.ServiceDefaults.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AiFactory.ServiceDefaults.Tests;

/// <summary>A service with the defaults, on a free port of the loopback.</summary>
internal sealed class TestService : IAsyncDisposable
{
    public const string IdentityKey = "a-key-for-tests-of-more-than-32-characters";

    private TestService(WebApplication app)
    {
        App = app;
        Address = new Uri(app.Urls.Single());
        // It writes no trace headers: a test is a client without telemetry, though a service under test listens to this process.
        Client = new HttpClient(new SocketsHttpHandler { ActivityHeadersPropagator = null }) { BaseAddress = Address };
    }

    public WebApplication App { get; }

    public Uri Address { get; }

    /// <summary>A plain client: no discovery, no resilience, no identity.</summary>
    public HttpClient Client { get; }

    public static async Task<TestService> StartAsync(
        Action<WebApplication>? map = null,
        Action<WebApplicationBuilder>? build = null,
        params (string Name, string? Value)[] settings)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ApplicationName = "AiFactory.TestService", EnvironmentName = "Production" });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(
            settings.Prepend(("Identity:Key", IdentityKey)).ToDictionary(setting => setting.Item1, setting => setting.Item2));
        builder.AddServiceDefaults();
        build?.Invoke(builder);
        var app = builder.Build();
        app.MapServiceDefaults();
        map?.Invoke(app);
        await app.StartAsync();
        return new TestService(app);
    }

    /// <summary>A token of this service's key.</summary>
    public string TokenFor(params string[] roles) =>
        App.Services.GetRequiredService<IdentityTokens>().Issue(InternalIdentity.WithRoles("user:ada", "default", factoryWide: false, roles));

    public HttpRequestMessage Request(HttpMethod method, string path, params string[] roles)
    {
        var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = new("Bearer", TokenFor(roles));
        return request;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await App.DisposeAsync();
    }
}
