using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using AiFactory.Inference.Engine;
using AiFactory.Inference.Telemetry;
using AiFactory.Inference.Tests.Engine;
using AiFactory.Testing;

namespace AiFactory.Inference.Tests.Telemetry;

public sealed class LatencySplitTests(GeneratedModels models)
{
    private readonly ConcurrentQueue<(string Name, double Value)> _measured = new();

    [Fact]
    public async Task Two_hundred_milliseconds_in_the_queue_are_the_queues_and_not_the_models()
    {
        var time = new ManualTimeProvider();
        using var listener = Listen();
        await using var harness = new EngineHarness(models.Endless, slots: 1, time: time);

        // The clock stands still but for this: one request holds the only slot while another waits for it.
        var first = harness.Submit(harness.Request("Hello", 400));
        await harness.WaitUntilAsync(load => load.Running == 1);
        var second = harness.Submit(harness.Request("And you?", 5));
        time.Advance(TimeSpan.FromMilliseconds(200));
        first.Cancel();
        (await EngineHarness.ReadAsync(second)).End.ShouldBeOfType<GenerationEvent.Finished>().CompletionTokens.ShouldBe(5);
        await harness.Engine.StopAsync(TimeSpan.FromSeconds(30));

        // Of each the last one is the second request's.
        Last("vllm.request_queue_time_seconds").ShouldBe(0.2, 1e-9);
        Last("vllm.time_to_first_token_seconds").ShouldBe(0.2, 1e-9);
        Last("vllm.e2e_request_latency_seconds").ShouldBe(0.2, 1e-9);
        Last("vllm.request_inference_time_seconds").ShouldBe(0);
        Last("vllm.request_prefill_time_seconds").ShouldBe(0);
        Last("vllm.request_decode_time_seconds").ShouldBe(0);
        _measured.Where(one => one.Name == "vllm.inter_token_latency_seconds").TakeLast(4).Select(one => one.Value).ShouldAllBe(value => value == 0);
    }

    [Fact]
    public async Task The_queues_depth_is_the_real_backlog()
    {
        using var telemetry = new InferenceTelemetry();
        using var listener = Listen();
        await using var harness = new EngineHarness(models.Endless, slots: 1);
        using var watch = telemetry.Watch("test", () => harness.Engine.Load);
        var running = harness.Submit(harness.Request("Hello", 400));
        await harness.WaitUntilAsync(load => load.Running == 1 && load.CacheTokens > 0);
        var waiting = Enumerable.Range(0, 5).Select(_ => harness.Submit(harness.Request("And you?", 1))).ToList();
        listener.RecordObservableInstruments();
        Last("vllm.num_requests_waiting").ShouldBe(5);
        Last("vllm.num_requests_running").ShouldBe(1);
        Last("vllm.kv_cache_usage_perc").ShouldBeInRange(1.0 / 512, 1);

        running.Cancel();
        foreach (var one in waiting)
        {
            await EngineHarness.ReadAsync(one);
        }

        await harness.WaitUntilAsync(load => load.Running == 0);
        listener.RecordObservableInstruments();
        Last("vllm.num_requests_waiting").ShouldBe(0);
        Last("vllm.num_requests_running").ShouldBe(0);
    }

    private double Last(string name) => _measured.Last(one => one.Name == name).Value;

    private MeterListener Listen()
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Meter.Name == InferenceTelemetry.Name)
                {
                    listening.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => _measured.Enqueue((instrument.Name, value)));
        listener.Start();
        return listener;
    }
}
