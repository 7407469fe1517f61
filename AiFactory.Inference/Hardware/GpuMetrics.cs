using System.Diagnostics.Metrics;

namespace AiFactory.Inference.Hardware;

/// <summary>OpenTelemetry's names for GPUs (https://opentelemetry.io/docs/specs/semconv/hardware/gpu/), where there are any; a machine without has no such metric.</summary>
internal sealed class GpuMetrics : IHostedService, IDisposable
{
    public const string Name = "AiFactory.Inference.Hardware";
    private readonly Meter _meter = new(Name);

    public GpuMetrics(INvml nvml)
    {
        if (nvml.Read().Count == 0)
        {
            return;
        }

        Observe("hw.gpu.utilization", "1", reading => reading.Utilization);
        Observe("hw.gpu.memory.usage", "By", reading => reading.MemoryUsed);
        Observe("hw.gpu.memory.limit", "By", reading => reading.MemoryTotal);
        Observe("hw.temperature", "Cel", reading => reading.Temperature);
        Observe("hw.power", "W", reading => reading.Power);

        void Observe(string name, string unit, Func<GpuReading, double?> value) => _meter.CreateObservableGauge(
            name,
            () => nvml.Read().Where(reading => value(reading) is not null).Select(reading => new Measurement<double>(value(reading) ?? 0, new("hw.id", reading.Id), new("hw.name", reading.Name), new("hw.type", "gpu"))),
            unit);
    }

    /// <summary>It is there from the start: nothing else asks for it.</summary>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _meter.Dispose();
}
