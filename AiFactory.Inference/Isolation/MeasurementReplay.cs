using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;
using AiFactory.Inference.Telemetry;

namespace AiFactory.Inference.Isolation;

/// <summary>Records what engines measured in their processes by this worker's own instruments.</summary>
internal sealed class MeasurementReplay : IDisposable
{
    private const string WithAddress = "gen_ai.server.";

    private readonly ConcurrentDictionary<string, Instrument> _instruments = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();
    private readonly InferenceTelemetry _telemetry;

    public MeasurementReplay(InferenceTelemetry telemetry)
    {
        _telemetry = telemetry;
        _listener.InstrumentPublished = (instrument, _) =>
        {
            if (ReferenceEquals(instrument.Meter, telemetry.Meter))
            {
                _instruments[instrument.Name] = instrument;
            }
        };
        _listener.Start();
    }

    public void Record(IEnumerable<Measured> all)
    {
        foreach (var measured in all)
        {
            var tags = new TagList();
            foreach (var (name, value) in measured.Tags)
            {
                tags.Add(name, value.ValueKind == JsonValueKind.Number ? value.GetInt64() : value.GetString());
            }

            if (measured.Instrument.StartsWith(WithAddress, StringComparison.Ordinal))
            {
                // The engine listens for this worker only.
                _telemetry.Server.AddAddress(ref tags);
            }

            switch (_instruments.GetValueOrDefault(measured.Instrument))
            {
                case Counter<long> counter:
                    counter.Add((long)measured.Sum, tags);
                    break;
                case Counter<double> counter:
                    counter.Add(measured.Sum, tags);
                    break;
                case Histogram<double> histogram:
                    foreach (var value in measured.Values ?? [])
                    {
                        histogram.Record(value, tags);
                    }

                    break;
            }
        }
    }

    public void Dispose() => _listener.Dispose();
}
