using System.Diagnostics.Metrics;
using AiFactory.Gateway.Telemetry;

namespace AiFactory.Gateway.Caching;

/// <summary>How the caches fare, by kind.</summary>
internal sealed class CachingTelemetry
{
    private readonly Counter<long> _requests;
    private readonly Counter<long> _shared;
    private readonly Counter<long> _storeFailures;
    private readonly Counter<long> _notStored;

    public CachingTelemetry(IMeterFactory meters, CacheMemory memory)
    {
        var meter = meters.Create(GatewayTelemetry.Name);
        _requests = meter.CreateCounter<long>("aifactory.gateway.cache.requests", "{request}", "Requests to deployments with a cache, by what it did for them.");
        _shared = meter.CreateCounter<long>("aifactory.gateway.cache.shared", "{request}", "Hits that waited for the answer to an equal request which was under way.");
        _storeFailures = meter.CreateCounter<long>("aifactory.gateway.cache.store.failures", "{call}", "Calls of the second level that failed, after each of which it is left alone for a while.");
        _notStored = meter.CreateCounter<long>("aifactory.gateway.cache.store.dropped", "{entry}", "Answers that the second level did not get: it was away, or too many waited.");
        meter.CreateObservableGauge("aifactory.gateway.cache.bytes", () => Each(memory.BytesOf), "By", "Answers in the gateway's memory.");
        meter.CreateObservableGauge("aifactory.gateway.cache.entries", () => Each(memory.CountOf), "{entry}", "Answers in the gateway's memory.");
        meter.CreateObservableCounter("aifactory.gateway.cache.evictions", () => memory.Evicted, "{entry}", "Answers that made room for others before their time.");
    }

    public void Used(CacheKind kind, CacheMark mark) =>
        _requests.Add(1, new KeyValuePair<string, object?>("kind", NameOf(kind)), new KeyValuePair<string, object?>("outcome", CacheMarks.NameOf(mark)));

    public void Shared() => _shared.Add(1);

    public void StoreFailed() => _storeFailures.Add(1);

    public void NotStored(int entries) => _notStored.Add(entries);

    private static string NameOf(CacheKind kind) => kind == CacheKind.Response ? "response" : "embedding";

    private static Measurement<long>[] Each(Func<CacheKind, long> read) =>
        [.. Enum.GetValues<CacheKind>().Select(kind => new Measurement<long>(read(kind), new KeyValuePair<string, object?>("kind", NameOf(kind))))];
}
