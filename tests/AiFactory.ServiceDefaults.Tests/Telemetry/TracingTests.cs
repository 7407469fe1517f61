using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Trace;

namespace AiFactory.ServiceDefaults.Tests.Telemetry;

public sealed partial class TracingTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Spans_metrics_and_logs_reach_the_endpoint_with_name_route_and_status()
    {
        await using var otlp = await OtlpReceiver.StartAsync();
        using var source = new ActivitySource($"own-source-{Guid.CreateVersion7()}");
        await using (var service = await TestService.StartAsync(
            app =>
            {
                app.MapGet("/things/{id}", (int id, ILogger<TracingTests> logger) =>
                {
                    using var span = source.StartActivity("own-span");
                    LogAsked(logger, id);
                    return id;
                }).AllowAnonymous();
                app.MapGet("/breaks/{id}", string (int id) => throw new NotSupportedException()).AllowAnonymous();
            },
            builder => builder.AddTelemetrySources(source.Name),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", otlp.Address.ToString()),
            ("OTEL_EXPORTER_OTLP_HEADERS", "x-otlp-key=secret"),
            ("OTEL_SERVICE_NAME", "named-service"),
            ("OTEL_RESOURCE_ATTRIBUTES", "service.instance.id=instance-7"),
            ("OTEL_BSP_SCHEDULE_DELAY", "100")))
        {
            await service.Client.GetStringAsync("/things/4711", Token);
            using var broken = await service.Client.GetAsync("/breaks/1", Token);
            using var probe = await service.Client.GetAsync("/readyz", Token);
            using var scrape = await service.Client.GetAsync("/metrics", Token);
            await service.App.StopAsync(Token);
        }

        var traces = otlp.All("traces");
        traces.ShouldContain("GET /things/{id}");
        traces.ShouldContain("http.route");
        traces.ShouldContain("http.response.status_code");
        traces.ShouldContain("System.NotSupportedException");
        traces.ShouldContain("own-span");
        traces.ShouldContain("named-service");
        traces.ShouldContain("instance-7");
        // Server spans have the path alone; the test's own client spans have the whole address.
        traces.ShouldMatch(@"url\.path[\s\S]{1,5}/things/4711");
        traces.ShouldNotMatch(@"url\.path[\s\S]{1,5}/readyz");
        traces.ShouldNotMatch(@"url\.path[\s\S]{1,5}/metrics");
        otlp.All("metrics").ShouldContain("http.server.request.duration");
        otlp.All("logs").ShouldContain("thing 4711 was asked for");
        otlp.Headers.ShouldAllBe(header => header == "secret");
    }

    [Fact]
    public async Task One_trace_runs_through_every_service_that_a_call_passes()
    {
        await using var otlp = await OtlpReceiver.StartAsync();
        (string, string?)[] telemetry = [("OTEL_EXPORTER_OTLP_ENDPOINT", otlp.Address.ToString()), ("OTEL_BSP_SCHEDULE_DELAY", "100")];
        string? atWorker = null;
        await using var worker = await TestService.StartAsync(
            app => app.MapPost("/work", (HttpContext context) =>
            {
                atWorker = context.Request.Headers.TraceParent;
                return Activity.Current?.ParentSpanId.ToHexString();
            }).AllowAnonymous(),
            build: null,
            [.. telemetry, ("OTEL_SERVICE_NAME", "worker")]);
        await using var gateway = await TestService.StartAsync(
            app => app.MapPost("/door", async (IHttpClientFactory clients, CancellationToken cancellationToken) =>
            {
                using var response = await clients.CreateClient("worker").PostAsync("/work", null, cancellationToken);
                return await response.Content.ReadAsStringAsync(cancellationToken);
            }).AllowAnonymous(),
            builder => builder.Services.AddServiceClient("worker"),
            [.. telemetry, ("OTEL_SERVICE_NAME", "gateway"), ("services:worker:http:0", worker.Address.ToString())]);

        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(gateway.Address, "/door"));
        request.Headers.TryAddWithoutValidation("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        // A client that writes no span of its own.
        using var client = new HttpMessageInvoker(new SocketsHttpHandler { ActivityHeadersPropagator = null });
        using var response = await client.SendAsync(request, Token);

        var parent = await response.Content.ReadAsStringAsync(Token);
        atWorker.ShouldNotBeNull();
        atWorker.ShouldStartWith("00-0af7651916cd43dd8448eb211c80319c-");
        atWorker.ShouldContain(parent);
        parent.ShouldNotBe("b7ad6b7169203331");
    }

    [Fact]
    public async Task A_sampler_that_is_off_records_nothing()
    {
        await using var otlp = await OtlpReceiver.StartAsync();
        await using (var service = await TestService.StartAsync(
            app => app.MapGet("/sampled-away", () => "x").AllowAnonymous(),
            build: null,
            ("OTEL_EXPORTER_OTLP_ENDPOINT", otlp.Address.ToString()),
            ("OTEL_TRACES_SAMPLER", "always_off")))
        {
            await service.Client.GetStringAsync("/sampled-away", Token);
            await service.App.StopAsync(Token);
        }

        otlp.All("traces").ShouldNotContain("sampled-away");
        otlp.All("metrics").ShouldContain("http.server.request.duration");
    }

    [Fact]
    public async Task Without_an_endpoint_no_span_is_made()
    {
        var name = $"own-source-{Guid.CreateVersion7()}";
        using var source = new ActivitySource(name);
        await using var service = await TestService.StartAsync(build: builder => builder.AddTelemetrySources(name));

        source.HasListeners().ShouldBeFalse();
        service.App.Services.GetRequiredService<TracerProvider>().ShouldNotBeNull();
    }

    [Fact]
    public async Task An_endpoint_that_is_away_does_not_hold_up_the_stop()
    {
        await using var service = await TestService.StartAsync(
            app => app.MapGet("/x", () => "x").AllowAnonymous(), build: null, ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9"));
        await service.Client.GetStringAsync("/x", Token);

        var clock = Stopwatch.StartNew();
        await service.App.StopAsync(Token);

        clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(5));
    }

    [LoggerMessage(1, LogLevel.Warning, "thing {Id} was asked for")]
    private static partial void LogAsked(ILogger logger, int id);
}
