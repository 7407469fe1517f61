using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AiFactory.ServiceDefaults.Tests;

/// <summary>A host that calls a service by its name.</summary>
internal sealed class TestClient(IHost host, string service) : IAsyncDisposable
{
    public HttpClient Http { get; } = host.Services.GetRequiredService<IHttpClientFactory>().CreateClient(service);

    public static async Task<TestClient> StartAsync(string service, (string Name, string? Value)[] settings, Action<IHttpClientBuilder>? configure = null)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { EnvironmentName = "Production" });
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(
            settings.Prepend(("Identity:Key", TestService.IdentityKey)).ToDictionary(setting => setting.Item1, setting => setting.Item2));
        builder.AddServiceDefaults();
        var client = builder.Services.AddServiceClient(service);
        configure?.Invoke(client);
        var host = builder.Build();
        await host.StartAsync();
        return new TestClient(host, service);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await host.StopAsync();
        host.Dispose();
    }
}
