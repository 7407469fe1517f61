using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using AiFactory.Gateway.Flows;
using AiFactory.Gateway.Telemetry;
using AiFactory.Gateway.Tests.Edges;

namespace AiFactory.Gateway.Tests.Telemetry;

public sealed class GatewayTelemetryTests
{
    /// <summary>No other test names it: listeners hear the whole process.</summary>
    private const string Model = "telemetry-chat";

    [Fact]
    public async Task An_operation_leaves_a_span_and_metrics_with_its_tokens_and_times()
    {
        var spans = new ConcurrentQueue<Activity>();
        using var spanListener = Listen(spans);
        var measured = new ConcurrentQueue<(string Name, double Value, Dictionary<string, object?> Tags)>();
        using var metricListener = Listen(measured);
        await using var worker = await FakeWorker.StartedAsync(context => FakeWorker.WriteEventAsync(
            context, FakeWorker.Chunk("one") + "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":2,\"total_tokens\":11}}\n\ndata: [DONE]\n\n"));
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Of(Plan.Deployment(Model, worker)));

        using var response = await gateway.ChatAsync($$"""{"model":"{{Model}}","stream":true}""");
        await GatewayUnderTest.TextAsync(response);
        await GatewayUnderTest.UntilAsync(() => measured.Any(each => each.Name == "gen_ai.client.operation.duration"));

        var span = spans.Single(each => (string?)each.GetTagItem("gen_ai.request.model") == Model);
        span.DisplayName.ShouldBe($"chat {Model}");
        span.GetTagItem("gen_ai.usage.input_tokens").ShouldBe(9);
        span.GetTagItem("gen_ai.usage.output_tokens").ShouldBe(2);
        span.GetTagItem("aifactory.project").ShouldBe("default");
        span.GetTagItem("aifactory.replica").ShouldBe($"127.0.0.1:{worker.Address.Port}");
        span.GetTagItem("gen_ai.response.time_to_first_chunk").ShouldBeOfType<double>().ShouldBeGreaterThan(0);
        worker.Seen.Single().Headers["traceparent"].ShouldBe(span.Id);

        measured.Where(each => each.Name == "gen_ai.client.token.usage").Select(each => (each.Tags["gen_ai.token.type"], each.Value)).ShouldBe([("input", 9), ("output", 2)]);
        measured.Count(each => each.Name == "gen_ai.client.operation.time_to_first_chunk").ShouldBe(1);
        measured.Single(each => each.Name == "gen_ai.client.operation.duration").Tags.ShouldNotContainKey("error.type");
    }

    [Fact]
    public async Task A_model_that_a_client_made_up_is_no_label()
    {
        var measured = new ConcurrentQueue<(string Name, double Value, Dictionary<string, object?> Tags)>();
        using var listener = Listen(measured, all: true);
        await using var gateway = await GatewayUnderTest.StartAsync(new Plan());

        using var response = await gateway.ChatAsync("""{"model":"made-up-by-a-client"}""");

        measured.ShouldContain(each => each.Name == "aifactory.gateway.rejections" && "model_not_found".Equals(each.Tags["reason"]));
        measured.ShouldAllBe(each => !each.Tags.ContainsValue("made-up-by-a-client"));
    }

    /// <summary>FEATURES, row 119: however many names clients make up, there are no more series. Of the whole page of metrics, that of the server and of its connections too.</summary>
    [Fact]
    public async Task Nothing_that_a_client_makes_up_is_on_the_page_of_metrics()
    {
        const string Mark = "made-up-7c1e";
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Of(Plan.Deployment(Model, worker)));
        string[] models = [Model, $"{Mark}-model", $"flow/{Mark}"];
        foreach (var model in models)
        {
            using var request = GatewayUnderTest.Request(new HttpMethod("POST"), $"/v1/chat/completions?{Mark}=1", json: $$"""{"model":"{{model}}","user":"{{Mark}}-user","{{Mark}}":1,"messages":[]}""");
            foreach (var header in (string[])["x-request-id", "x-aifactory-session", "x-gateway-inference-objective", "x-slo-ttft-ms", "User-Agent", "Origin", $"x-{Mark}"])
            {
                request.Headers.TryAddWithoutValidation(header, $"{Mark}-value");
            }

            using var response = await gateway.SendAsync(request);
        }

        foreach (var (method, path, key) in ((string, string, string)[])[("GET", $"/v1/{Mark}", Plan.DeveloperKey), ("POST", $"/{Mark}", Plan.DeveloperKey), (Mark.ToUpperInvariant(), "/v1/models", Plan.DeveloperKey), ("GET", $"/v1/models/{Mark}", Plan.DeveloperKey), ("GET", "/v1/models", $"aif_{Mark}")])
        {
            using var response = await gateway.SendAsync(GatewayUnderTest.Request(new HttpMethod(method), path, key));
        }

        // A request is measured a moment after its client has the last byte; what is a label is found there then.
        var text = "";
        for (var looks = 0; !text.Contains(Model, StringComparison.Ordinal); looks++)
        {
            looks.ShouldBeLessThan(1000);
            await Task.Delay(looks == 0 ? 0 : 20, TestContext.Current.CancellationToken);
            using var page = await gateway.GetAsync("/metrics", key: null);
            text = await GatewayUnderTest.TextAsync(page);
        }

        text.ShouldContain("http_server_request_duration");
        text.Split('\n').ShouldAllBe(line => !line.Contains(Mark, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Only a 404 of the builder kept a made-up name of a flow from being a label.</summary>
    [Theory]
    [InlineData(400)]
    [InlineData(429)]
    [InlineData(502)]
    [InlineData(null)]
    public async Task A_flow_that_never_answered_is_no_label_and_one_that_did_stays_one(int? refusal)
    {
        var flow = $"flow/made-up-{refusal}";
        var status = refusal;
        var measured = new ConcurrentQueue<(string Name, double Value, Dictionary<string, object?> Tags)>();
        using var listener = Listen(measured, all: true);
        await using var builder = await FakeWorker.StartedAsync(context => status is { } refused
            ? FakeWorker.WriteJsonAsync(context, "{}", refused)
            : FakeWorker.WriteJsonAsync(context, FakeWorker.Completion, 200));
        await using var gateway = await GatewayUnderTest.StartAsync(new Plan(), ("services:builder:http:0", builder.Address.ToString()));
        if (refusal is null)
        {
            await builder.KillAsync();
        }

        using var response = await gateway.ChatAsync($$"""{"model":"{{flow}}","messages":[]}""");
        await GatewayUnderTest.UntilAsync(() => measured.Any(each => each.Name == "gen_ai.client.operation.duration" && FlowModel.Unknown.Name.Equals(each.Tags["gen_ai.request.model"])));

        measured.ShouldAllBe(each => !each.Tags.ContainsValue(flow));
        if (refusal is not null)
        {
            status = null;
            using var answered = await gateway.ChatAsync($$"""{"model":"{{flow}}","messages":[]}""");
            status = refusal;
            using var failed = await gateway.ChatAsync($$"""{"model":"{{flow}}","messages":[]}""");
            await GatewayUnderTest.UntilAsync(() => measured.Any(each => each.Tags.ContainsValue(flow) && each.Tags.ContainsKey("error.type")));
        }
    }

    private static ActivityListener Listen(ConcurrentQueue<Activity> spans)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == GatewayTelemetry.Name,
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private static MeterListener Listen(ConcurrentQueue<(string Name, double Value, Dictionary<string, object?> Tags)> measured, bool all = false)
    {
        void Take<T>(Instrument instrument, T value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
            where T : struct, IConvertible
        {
            var named = new Dictionary<string, object?>(tags.ToArray());
            if (all || Model.Equals(named.GetValueOrDefault("gen_ai.request.model")))
            {
                measured.Enqueue((instrument.Name, value.ToDouble(null), named));
            }
        }

        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == GatewayTelemetry.Name)
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
        listener.Start();
        return listener;
    }
}
