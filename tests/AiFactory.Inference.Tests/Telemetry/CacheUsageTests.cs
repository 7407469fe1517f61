using System.Diagnostics.Metrics;
using AiFactory.Inference.Engine;
using AiFactory.Inference.Telemetry;

namespace AiFactory.Inference.Tests.Telemetry;

public sealed class CacheUsageTests
{
    [Fact]
    public void The_cache_of_two_engines_of_one_name_is_one_cache()
    {
        using var telemetry = new InferenceTelemetry();
        var model = $"{Guid.CreateVersion7()}";
        using var small = telemetry.Watch(model, () => new EngineLoad(1, 0, 100, 100));
        using var large = telemetry.Watch(model, () => new EngineLoad(1, 0, 50, 200));
        using var resting = telemetry.WatchResting(model, () => new EngineLoad(0, 3, 0, 0));
        Read(model, "vllm.kv_cache_usage_perc").ShouldBe([0.5]);
        Read(model, "vllm.num_requests_running").ShouldBe([2]);
        Read(model, "vllm.num_requests_waiting").ShouldBe([3]);
    }

    private static List<double> Read(string model, string name)
    {
        var found = new List<double>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == InferenceTelemetry.Name && instrument.Name == name)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<double>((_, value, tags, _) =>
        {
            foreach (var tag in tags)
            {
                if (tag is { Key: "model_name", Value: string of } && of == model)
                {
                    found.Add(value);
                }
            }
        });
        listener.Start();
        listener.RecordObservableInstruments();
        return found;
    }
}
