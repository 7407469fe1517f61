using System.Net.Http.Json;
using AiFactory.Hosting.Orchestration;
using AiFactory.Hosting.Orchestration.Processes;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.Hosting.Tests.Orchestration;

public sealed class EnvironmentTests : IDisposable
{
    private readonly TestHost _host = new();
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task A_service_finds_what_it_refers_to_in_its_environment()
    {
        var builder = _host.Builder("--Parameters:the-key=sesame", "--ConnectionStrings:store=Directory=/tmp/x");
        builder.Services.AddSingleton<ITelemetryTarget>(new Target());
        var other = TestHost.AddService(builder, "model-library");
        var key = builder.AddParameter("the-key", secret: true);
        var service = TestHost.AddService(builder, "service")
            .WithReference(other)
            .WithReference(builder.AddConnectionString("store"))
            .WithEnvironment("KEY", key)
            .WithEnvironment("MIXED", $"k={key};at={other.GetEndpoint("http")};{{}}")
            .WithArgs("--first", other.GetEndpoint("http").Property(EndpointProperty.Port));
        await using var application = builder.Build();
        await application.StartAsync(_cancellation);
        var ready = await TestHost.Soon(application.ResourceNotifications.WaitForResourceHealthyAsync("service", _cancellation));

        using var http = new HttpClient { BaseAddress = new Uri(service.GetEndpoint("http").Url) };
        var found = (await http.GetFromJsonAsync<Dictionary<string, string>>("/environment", _cancellation)).ShouldNotBeNull();
        var url = other.GetEndpoint("http").Url;
        found["services__model-library__http__0"].ShouldBe(url);
        found["MODEL_LIBRARY_HTTP"].ShouldBe(url);
        found["ConnectionStrings__store"].ShouldBe("Directory=/tmp/x");
        found["KEY"].ShouldBe("sesame");
        found["MIXED"].ShouldBe($"k=sesame;at={url};{{}}");
        found["ASPNETCORE_URLS"].ShouldStartWith("http://localhost:");
        found["OTEL_SERVICE_NAME"].ShouldBe("service");
        found["OTEL_EXPORTER_OTLP_HEADERS"].ShouldBe("x-otlp-api-key=k");
        $"service-{found["OTEL_RESOURCE_ATTRIBUTES"].Split('=')[1]}".ShouldBe(ready.ResourceId);
        (await http.GetFromJsonAsync<string[]>("/arguments", _cancellation)).ShouldBe(["--first", new Uri(url).Port.ToString(System.Globalization.CultureInfo.InvariantCulture)]);

        ready.Snapshot.EnvironmentVariables.Where(v => v.IsSensitive).Select(v => v.Name)
            .ShouldBe(["ConnectionStrings__store", "KEY", "MIXED", "OTEL_EXPORTER_OTLP_HEADERS"], ignoreOrder: true);
        await application.StopAsync(_cancellation);
    }

    [Fact]
    public void A_child_does_not_inherit_the_AppHosts_secrets()
    {
        var own = new Dictionary<string, string>
        {
            ["PATH"] = "/bin", ["DOTNET_ENVIRONMENT"] = "Development", ["Parameters__admin_key"] = "aif_secret", ["PARAMETERS__X"] = "secret",
            ["ConnectionStrings__postgres"] = "secret", ["ASPNETCORE_URLS"] = "http://localhost:18888", ["OTEL_SERVICE_NAME"] = "apphost",
        };
        var child = ChildEnvironment.Of(own, new Dictionary<string, string> { ["ConnectionStrings__librarydb"] = "its own" });
        child.Keys.ShouldBe(["PATH", "DOTNET_ENVIRONMENT", "ConnectionStrings__librarydb"], ignoreOrder: true);
    }

    private sealed class Target : ITelemetryTarget
    {
        public ValueTask<TelemetryEndpoint?> GetAsync(CancellationToken cancellationToken)
            => ValueTask.FromResult<TelemetryEndpoint?>(new TelemetryEndpoint(new Uri("http://localhost:4318"), "k"));
    }
}
