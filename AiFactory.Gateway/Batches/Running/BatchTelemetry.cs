using System.Diagnostics.Metrics;
using AiFactory.Gateway.Telemetry;

namespace AiFactory.Gateway.Batches.Running;

/// <summary>How batches and jobs fare at this gateway.</summary>
internal sealed class BatchTelemetry
{
    private readonly Counter<long> _tries;
    private readonly Counter<long> _ended;

    public BatchTelemetry(IMeterFactory meters, RunningRequests running)
    {
        var meter = meters.Create(GatewayTelemetry.Name);
        _tries = meter.CreateCounter<long>("aifactory.gateway.batch.requests", "{request}", "Tries of requests of batches, by what came of them: completed, failed, waits, again.");
        _ended = meter.CreateCounter<long>("aifactory.gateway.batches.ended", "{batch}", "Batches and jobs that ended, by how.");
        meter.CreateObservableUpDownCounter("aifactory.gateway.batch.in_flight", () => running.Count, "{request}", "Requests of batches that are under way.");
    }

    public void Tried(string outcome) => _tries.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    public void Ended(string kind, string status) => _ended.Add(1, new KeyValuePair<string, object?>("kind", kind), new KeyValuePair<string, object?>("status", status));
}
