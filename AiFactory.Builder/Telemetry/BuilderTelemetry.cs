using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace AiFactory.Builder.Telemetry;

/// <summary>The builder's spans and instruments. Labels are types, states and outcomes, never names that a tenant chose.</summary>
internal sealed class BuilderTelemetry : IDisposable
{
    internal const string Name = "AiFactory.Builder";

    private readonly Meter _meter;
    private readonly Counter<long> _runs;
    private readonly Counter<long> _steps;
    private readonly Histogram<double> _stepTime;

    public BuilderTelemetry(IMeterFactory meters)
    {
        _meter = meters.Create(Name);
        _runs = _meter.CreateCounter<long>("aifactory.builder.runs", "{run}", "Runs that ended, by state.");
        _steps = _meter.CreateCounter<long>("aifactory.builder.steps", "{step}", "Steps that ended, by type and outcome.");
        _stepTime = _meter.CreateHistogram<double>("aifactory.builder.step.duration", "s", "How long one attempt at a step took, by type.");
    }

    /// <summary>For the builder's capabilities: <c>Source.StartActivity("search knowledge")</c>.</summary>
    internal ActivitySource Source { get; } = new(Name);

    internal void RunEnded(string state) => _runs.Add(1, new KeyValuePair<string, object?>("state", state));

    internal void StepEnded(string type, string outcome, TimeSpan duration)
    {
        _steps.Add(1, new("type", type), new("outcome", outcome));
        _stepTime.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("type", type));
    }

    public void Dispose()
    {
        Source.Dispose();
        _meter.Dispose();
    }
}
