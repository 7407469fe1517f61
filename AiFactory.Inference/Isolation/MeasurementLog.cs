using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using AiFactory.Inference.Telemetry;

namespace AiFactory.Inference.Isolation;

/// <summary>In an engine's process: what the counters and histograms measured, until the worker takes it. They are recorded there, so that a restart loses no count, and a model's metrics come from one place.</summary>
internal sealed class MeasurementLog : IDisposable
{
    /// <summary>Of one histogram, between two looks: a worker that does not look for minutes is about to end this process.</summary>
    private const int MostValues = 100_000;

    private readonly Lock _gate = new();
    private readonly MeterListener _listener = new();
    private Dictionary<string, Measured> _measured = new(StringComparer.Ordinal);

    public MeasurementLog(InferenceTelemetry telemetry)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter, telemetry.Meter) && !instrument.IsObservable)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    public IReadOnlyList<Measured> Take()
    {
        lock (_gate)
        {
            var taken = _measured;
            _measured = new(StringComparer.Ordinal);
            return [.. taken.Values];
        }
    }

    public void Dispose() => _listener.Dispose();

    /// <summary>Called for each token, by the engine's thread.</summary>
    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var key = new StringBuilder(instrument.Name);
        foreach (var (name, tag) in tags)
        {
            key.Append('\n').Append(name).Append('=').Append(CultureInfo.InvariantCulture, $"{tag}");
        }

        lock (_gate)
        {
            if (!_measured.TryGetValue(key.ToString(), out var measured))
            {
                measured = new Measured(instrument.Name, ToJson(tags), 0, instrument is Histogram<double> ? [] : null);
            }

            if (measured.Values is null)
            {
                measured = measured with { Sum = measured.Sum + value };
            }
            else if (measured.Values.Count < MostValues)
            {
                measured.Values.Add(value);
            }

            _measured[key.ToString()] = measured;
        }
    }

    private static Dictionary<string, JsonElement> ToJson(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var json = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var (name, tag) in tags)
        {
            json[name] = tag switch
            {
                long or int => JsonElement.Parse(((IFormattable)tag).ToString(null, CultureInfo.InvariantCulture)),
                _ => JsonElement.Parse($"\"{JsonEncodedText.Encode(Convert.ToString(tag, CultureInfo.InvariantCulture) ?? "")}\""),
            };
        }

        return json;
    }
}
