using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;

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
        var trace = await TraceAsync(traceId, text => text.Contains("\"gateway", StringComparison.Ordinal) && text.Contains("\"worker", StringComparison.Ordinal));

        response.IsSuccessStatusCode.ShouldBeTrue();
        trace.ShouldContain("gen_ai.usage.output_tokens");
        trace.ShouldContain("time_to_first_token");
    }

    [Fact]
    public async Task One_request_id_finds_the_lines_of_gateway_and_worker()
    {
        var requestId = $"find-{Guid.CreateVersion7():N}";
        using var client = fixture.Factory.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/chat/completions") { Content = JsonContent.Create(Governance.RefusedModelTests.Chat("demo-chat")) };
        request.Headers.Add("x-request-id", requestId);

        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        var logs = await AskAsync($"api/telemetry/logs?limit=1000&search={requestId}", text => text.Contains("\"gateway", StringComparison.Ordinal) && text.Contains("\"worker", StringComparison.Ordinal));

        response.Headers.GetValues("x-request-id").ShouldBe([requestId]);
        logs.ShouldContain(requestId);
    }

    private Task<string> TraceAsync(string traceId, Func<string, bool> complete) => AskAsync($"api/telemetry/traces/{traceId}", complete);

    /// <summary>The dashboard's own API: telemetry arrives in batches, so ask until it is complete.</summary>
    private async Task<string> AskAsync(string path, Func<string, bool> complete)
    {
        var dashboard = fixture.Factory.Child("aspire-managed");
        using var http = new HttpClient { BaseAddress = new Uri($"http://localhost:{fixture.Factory.Settings.DashboardPort}") };
        http.DefaultRequestHeaders.Add("x-api-key", dashboard.Environment("DASHBOARD__API__PRIMARYAPIKEY"));
        var last = "";
        for (var attempt = 0; attempt < 100; attempt++)
        {
            using var response = await http.GetAsync(path, TestContext.Current.CancellationToken);
            last = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            if (response.IsSuccessStatusCode && complete(last))
            {
                return last;
            }

            await Task.Delay(200, TestContext.Current.CancellationToken);
        }

        throw new TimeoutException($"{path} never was complete; last seen: {(last.Length > 4000 ? last[..4000] : last)}");
    }
}
