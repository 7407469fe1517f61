using System.Diagnostics;
using System.Diagnostics.Metrics;
using AiFactory.ModelLibrary.Routing;

namespace AiFactory.ModelLibrary.Telemetry;

/// <summary>The library's spans and instruments. Labels are states and outcomes, never names that a tenant chose.</summary>
internal sealed class LibraryTelemetry : IDisposable
{
    internal const string Name = "AiFactory.ModelLibrary";

    private readonly ActivitySource _source = new(Name);
    private readonly Meter _meter;
    private readonly Counter<long> _syncs;
    private readonly Counter<long> _scans;

    private volatile IReadOnlyList<Measurement<long>> _versions = [];
    private volatile IReadOnlyList<Measurement<long>> _workers = [];
    private volatile int _namespacesBehind;

    public LibraryTelemetry(IMeterFactory meters, SnapshotFeed feed)
    {
        _meter = meters.Create(Name);
        _syncs = _meter.CreateCounter<long>("aifactory.library.syncs", "{sync}", "Syncs that ended, by state.");
        _scans = _meter.CreateCounter<long>("aifactory.library.scans", "{scan}", "Scans that ended, by outcome.");
        _meter.CreateObservableGauge("aifactory.library.model_versions", () => _versions, "{version}", "Model versions, by state.");
        _meter.CreateObservableGauge("aifactory.library.workers", () => _workers, "{worker}", "Workers, by state.");
        _meter.CreateObservableGauge("aifactory.library.snapshot.version", () => feed.Current?.Version ?? 0, "{version}", "The routing snapshot that is published.");
        _meter.CreateObservableGauge("aifactory.library.namespaces.behind", () => _namespacesBehind, "{namespace}", "Projects' namespaces that do not say what is approved.");
    }

    internal Activity? StartSync(Guid source) => _source.StartActivity("sync source")?.SetTag("aifactory.source.id", source);

    internal Activity? StartCopy(Guid version) => _source.StartActivity("copy model version")?.SetTag("aifactory.model_version.id", version);

    internal Activity? StartScan(Guid version) => _source.StartActivity("scan model version")?.SetTag("aifactory.model_version.id", version);

    internal void SyncFinished(string state) => _syncs.Add(1, new KeyValuePair<string, object?>("state", state));

    internal void Scanned(bool passed) => _scans.Add(1, new KeyValuePair<string, object?>("outcome", passed ? "passed" : "quarantined"));

    internal void Behind(int namespaces) => _namespacesBehind = namespaces;

    internal void Count(IReadOnlyList<Storage.StateCount> versions, IReadOnlyList<Storage.StateCount> workers)
    {
        _versions = Measure(versions);
        _workers = Measure(workers);
    }

    public void Dispose()
    {
        _source.Dispose();
        _meter.Dispose();
    }

    private static List<Measurement<long>> Measure(IReadOnlyList<Storage.StateCount> counts) =>
        [.. counts.Select(count => new Measurement<long>(count.Count, new KeyValuePair<string, object?>("state", count.State)))];
}
