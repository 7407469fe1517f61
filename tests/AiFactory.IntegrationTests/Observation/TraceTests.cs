using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;

namespace AiFactory.IntegrationTests.Observation;

/// <summary>FEATURES row 111: one trace from the client to the worker, as the genuine dashboard holds it.</summary>
[Collection(SharedFactory.Name)]
public sealed class TraceTests(FactoryFixture fixture)
{
    [Fact]
    public async Task One_request_is_one_trace_with_tokens_and_time_to_first_token()
    {
        var traceId = ActivityTraceId.CreateRandom().ToString();
        using var client = fixture.Factory.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/chat/completions") { Content = JsonContent.Create(Governance.RefusedModelTests.Chat("demo-chat")) };
        request.Headers.Add("traceparent", $"00-{traceId}-{ActivitySpanId.CreateRandom()}-01");

        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);

        // Each service sends its spans when it likes: the trace is whole when those between the two are there as well.
        var trace = await new DashboardTelemetry(fixture.Factory).TraceAsync(traceId, spans => spans.Any(span => IsGeneration(span) && spans.Any(above => IsGoverned(above) && span.IsBelow(above, spans))));

        response.IsSuccessStatusCode.ShouldBeTrue();
        var generation = trace.Single(IsGeneration);
        trace.Count(IsGoverned).ShouldBe(1);
        long.Parse(generation.Attributes["gen_ai.usage.output_tokens"], CultureInfo.InvariantCulture).ShouldBeGreaterThan(0);
        generation.Attributes.Keys.ShouldContain("gen_ai.server.time_to_first_token");
    }

    [Fact]
    public async Task One_request_id_finds_the_lines_of_gateway_and_worker()
    {
        var requestId = $"find-{Guid.CreateVersion7():N}";
        using var client = fixture.Factory.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/chat/completions") { Content = JsonContent.Create(Governance.RefusedModelTests.Chat("demo-chat")) };
        request.Headers.Add("x-request-id", requestId);

        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        var logs = await new DashboardTelemetry(fixture.Factory).LogsAsync(requestId, text => text.Contains("\"gateway", StringComparison.Ordinal) && text.Contains("\"worker", StringComparison.Ordinal));

        response.Headers.GetValues("x-request-id").ShouldBe([requestId]);
        logs.ShouldContain(requestId);
    }

    private static bool IsGoverned(Span span) => span.Service == "gateway" && span.Name == "chat demo-chat";

    private static bool IsGeneration(Span span) => span.Service == "worker" && span.Name == "chat demo-chat";
}
