using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using AiFactory.Contracts;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Telemetry;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.Testing.Postgres;

namespace AiFactory.Gateway.Tests.Upstreams;

/// <summary>FEATURES, row 16: a local model, a private endpoint and a cloud's, under one governance.</summary>
public sealed class SameGovernanceTests(PostgresFixture postgres)
{
    private static readonly string[] Models = ["row16-local", "row16-private", "row16-cloud"];

    [Fact]
    public async Task The_same_keys_records_prices_and_metric_labels_hold_for_all_three()
    {
        var measured = new ConcurrentQueue<(string Instrument, string Model, string Tags)>();
        using var listener = Listen(measured);
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var worker = await FakeWorker.StartedAsync(StreamAsync);
        await using var endpoint = await FakeWorker.StartedAsync(StreamAsync);
        await using var cloud = await FakeWorker.StartedAsync(StreamAsync);
        await using var gateway = await GatewayUnderTest.StartAsync(
            Plan.Of(Plan.Deployment(Models[0], worker), CloudPlan.Cloud(Models[1], endpoint, credential: null), CloudPlan.Cloud(Models[2], cloud)),
            [ledger.Setting, .. Models.SelectMany((model, index) => new[] { ($"Pricing:Models:{index}:Deployment", model), ($"Pricing:Models:{index}:Input", "1"), ($"Pricing:Models:{index}:Output", "10") })]);

        foreach (var model in Models)
        {
            using var answered = await gateway.ChatAsync($$"""{"model":"{{model}}","stream":true,"messages":[]}""");
            using var viewer = await gateway.ChatAsync($$"""{"model":"{{model}}","messages":[]}""", Plan.ViewerKey);
            using var other = await gateway.ChatAsync($$"""{"model":"{{model}}","messages":[]}""", Plan.OtherKey);
            (await GatewayUnderTest.TextAsync(answered)).ShouldBe(FakeWorker.Chunk("one") + "data: [DONE]\n\n", "the usage was asked for by the gateway, and not by the client");
            (answered.StatusCode, viewer.StatusCode, other.StatusCode).ShouldBe((HttpStatusCode.OK, HttpStatusCode.Forbidden, HttpStatusCode.Forbidden), model);
        }

        // Each is asked once, by the one caller that may.
        (worker.Seen.Count, endpoint.Seen.Count, cloud.Seen.Count).ShouldBe((1, 1, 1));
        var rows = await ledger.RowsAsync(3);
        rows.Select(row => row.RequestedModel).Order().ShouldBe(Models.Order());
        rows.Select(row => (row.Project, row.KeyId, row.Operation, row.PromptTokens, row.CompletionTokens, row.Estimated, row.Outcome, row.Status, row.Attempts, row.CostMicros)).Distinct()
            .ShouldHaveSingleItem().CostMicros.ShouldBe(9 + 20);
        await GatewayUnderTest.UntilAsync(() => measured.Count(each => each.Instrument == "gen_ai.client.operation.duration") == 3);
        var labels = Models.Select(model => string.Join("\n", measured.Where(each => each.Model == model).Select(each => $"{each.Instrument}: {each.Tags}").Order())).ToList();
        labels[0].ShouldContain("gen_ai.client.token.usage");
        labels[0].ShouldNotContain("error.type");
        labels.Distinct().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_limit_counts_the_requests_to_all_three_together()
    {
        await using var service = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(
            Plan.Of(Plan.Deployment(Models[0], service), CloudPlan.Cloud(Models[1], service, credential: null), CloudPlan.Cloud(Models[2], service))
                .Limited(LimitScopes.Key, LimitMeasures.Requests, LimitPeriods.Total, Models.Length));

        foreach (var expected in (HttpStatusCode[])[HttpStatusCode.OK, HttpStatusCode.TooManyRequests])
        {
            foreach (var model in Models)
            {
                using var answered = await gateway.ChatAsync($$"""{"model":"{{model}}","messages":[]}""");
                answered.StatusCode.ShouldBe(expected, model);
                (await GatewayUnderTest.TextAsync(answered)).Contains("The limit 'test'").ShouldBe(expected != HttpStatusCode.OK, model);
            }
        }

        service.Seen.Count.ShouldBe(Models.Length);
    }

    [Fact]
    public async Task An_answer_that_the_policy_keeps_is_asked_of_a_cloud_once()
    {
        await using var service = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Of(CloudPlan.Cloud("cloud", service) with { Cache = new CachePolicy { Responses = true } }));

        for (var i = 0; i < 2; i++)
        {
            using var answered = await gateway.ChatAsync("""{"model":"cloud","temperature":0,"messages":[{"role":"user","content":"Hi"}]}""");
            (await GatewayUnderTest.TextAsync(answered)).ShouldBe(FakeWorker.Completion);
        }

        service.Seen.Count.ShouldBe(1);
    }

    private static async Task StreamAsync(Microsoft.AspNetCore.Http.HttpContext context)
    {
        await FakeWorker.WriteEventAsync(context, FakeWorker.Chunk("one"));
        await FakeWorker.WriteEventAsync(context, "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":2,\"total_tokens\":11}}\n\ndata: [DONE]\n\n");
    }

    /// <summary>What is measured of these models, and under which labels but the model's name.</summary>
    private static MeterListener Listen(ConcurrentQueue<(string, string, string)> measured)
    {
        void Take(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var named = tags.ToArray().ToDictionary(tag => tag.Key, tag => tag.Value?.ToString() ?? "");
            if (named.Remove("gen_ai.request.model", out var model) && Models.Contains(model))
            {
                measured.Enqueue((instrument.Name, model, string.Join(", ", named.OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => $"{tag.Key}={tag.Value}"))));
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
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Take(instrument, tags));
        listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Take(instrument, tags));
        listener.Start();
        return listener;
    }
}
