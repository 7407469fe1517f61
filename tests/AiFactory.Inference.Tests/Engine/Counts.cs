using System.Diagnostics.Metrics;

namespace AiFactory.Inference.Tests.Engine;

/// <summary>What one counter has counted since.</summary>
internal sealed class Counts : IDisposable
{
    private readonly MeterListener _listener = new();
    private long _total;

    public Counts(Counter<long> counter)
    {
        _listener.SetMeasurementEventCallback<long>((_, count, _, _) => Interlocked.Add(ref _total, count));
        _listener.EnableMeasurementEvents(counter);
    }

    public long Total => Interlocked.Read(ref _total);

    public void Dispose() => _listener.Dispose();
}
