using System.Diagnostics;
using AiFactory.ServiceDefaults.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Trace;

namespace AiFactory.ServiceDefaults.Tests.Telemetry;

public sealed class BackgroundSamplerTests
{
    private static readonly BackgroundSampler AlwaysOn = new(new AlwaysOnSampler());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ActivityKind.Client, SamplingDecision.Drop)]
    [InlineData(ActivityKind.Internal, SamplingDecision.RecordAndSample)]
    [InlineData(ActivityKind.Server, SamplingDecision.RecordAndSample)]
    public void Of_the_spans_without_a_parent_a_call_is_dropped(ActivityKind kind, SamplingDecision decision) =>
        Decide(default, kind).ShouldBe(decision);

    [Theory]
    [InlineData(ActivityTraceFlags.Recorded, false, null, SamplingDecision.RecordAndSample)]
    [InlineData(ActivityTraceFlags.Recorded, true, null, SamplingDecision.RecordAndSample)]
    [InlineData(ActivityTraceFlags.None, false, null, SamplingDecision.Drop)]
    [InlineData(ActivityTraceFlags.None, true, null, SamplingDecision.RecordAndSample)]
    [InlineData(ActivityTraceFlags.None, true, "other=1, aifactory=background", SamplingDecision.Drop)]
    public void A_span_below_another_goes_with_it(ActivityTraceFlags flags, bool remote, string? state, SamplingDecision decision) =>
        Decide(new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), flags, state, remote), ActivityKind.Client).ShouldBe(decision);

    [Theory]
    [InlineData(null, null, "ParentBased{AlwaysOnSampler}")]
    [InlineData("always_on", null, "AlwaysOnSampler")]
    [InlineData("always_off", null, "AlwaysOffSampler")]
    [InlineData("traceidratio", "0.25", "TraceIdRatioBasedSampler{0.250000}")]
    [InlineData("traceidratio", "2", "TraceIdRatioBasedSampler{1.000000}")]
    [InlineData("parentbased_always_on", null, "ParentBased{AlwaysOnSampler}")]
    [InlineData("parentbased_always_off", null, "ParentBased{AlwaysOffSampler}")]
    [InlineData("parentbased_traceidratio", "0.5", "ParentBased{TraceIdRatioBasedSampler{0.500000}}")]
    public void OpenTelemetrys_variables_choose_the_sampler(string? name, string? argument, string description)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["OTEL_TRACES_SAMPLER"] = name, ["OTEL_TRACES_SAMPLER_ARG"] = argument })
            .Build();

        SamplerSettings.Read(configuration).Description.ShouldBe(description);
    }

    [Fact]
    public async Task A_background_call_leaves_no_trace_in_either_service_and_a_requests_call_does()
    {
        await using var otlp = await OtlpReceiver.StartAsync();
        string? polled = null;
        await using (var service = await TestService.StartAsync(
            app =>
            {
                app.MapGet("/polled", (HttpContext context) => polled = context.Request.Headers.TraceParent).AllowAnonymous();
                app.MapGet("/called", () => "x").AllowAnonymous();
                app.MapGet("/asked", async (HttpContext context, CancellationToken cancellationToken) =>
                {
                    using var client = new HttpClient { BaseAddress = new Uri($"http://{context.Request.Host}") };
                    return await client.GetStringAsync("/called", cancellationToken);
                }).AllowAnonymous();
            },
            build: null,
            ("OTEL_EXPORTER_OTLP_ENDPOINT", otlp.Address.ToString()),
            ("OTEL_TRACES_SAMPLER", "always_on")))
        {
            using var background = new HttpClient { BaseAddress = service.Address };
            await background.GetStringAsync("/polled", Token);
            await service.Client.GetStringAsync("/asked", Token);
            await service.App.StopAsync(Token);
        }

        polled.ShouldNotBeNull().ShouldEndWith("-00");
        var traces = otlp.All("traces");
        traces.ShouldContain("GET /asked");
        traces.ShouldContain("GET /called");
        traces.ShouldNotContain("/polled");
    }

    private static SamplingDecision Decide(ActivityContext parent, ActivityKind kind) =>
        AlwaysOn.ShouldSample(new SamplingParameters(parent, parent.TraceId == default ? ActivityTraceId.CreateRandom() : parent.TraceId, "span", kind)).Decision;
}
