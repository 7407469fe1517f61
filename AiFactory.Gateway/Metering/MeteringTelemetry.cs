using System.Diagnostics.Metrics;
using AiFactory.Gateway.Telemetry;

namespace AiFactory.Gateway.Metering;

/// <summary>How the ledger fares: an operator's alert stands on the lost ones and on what waits.</summary>
internal sealed class MeteringTelemetry
{
    private readonly Counter<long> _kept;
    private readonly Counter<long> _lost;
    private readonly Counter<long> _delivered;
    private long _lostInAll;

    public MeteringTelemetry(IMeterFactory meters, UsageOutbox outbox)
    {
        var meter = meters.Create(GatewayTelemetry.Name);
        _kept = meter.CreateCounter<long>("aifactory.gateway.usage.kept", "{record}", "Requests whose record was written to the gateway's disk.");
        _lost = meter.CreateCounter<long>("aifactory.gateway.usage.lost", "{record}", "Requests whose record could not be kept, by reason.");
        _delivered = meter.CreateCounter<long>("aifactory.gateway.usage.delivered", "{record}", "Records that the ledger has.");
        meter.CreateObservableGauge("aifactory.gateway.usage.waiting", () => outbox.File?.Size ?? 0, "By", "Records that wait on the gateway's disk for the database.");
    }

    /// <summary>Records lost since the start.</summary>
    public long LostInAll => Volatile.Read(ref _lostInAll);

    public void Kept() => _kept.Add(1);

    public void Lost(string reason)
    {
        Interlocked.Increment(ref _lostInAll);
        _lost.Add(1, new KeyValuePair<string, object?>("reason", reason));
    }

    public void Delivered(int records) => _delivered.Add(records);
}
