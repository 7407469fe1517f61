using System.Diagnostics.Metrics;
using AiFactory.Gateway.Telemetry;

namespace AiFactory.Gateway.Limits;

/// <summary>How limits fare, by their kind: a limit's name and its owner are what a tenant chose, and no labels.</summary>
internal sealed class LimitsTelemetry
{
    private readonly Counter<long> _refused;
    private readonly Counter<long> _leases;
    private readonly Tallies _tallies;

    public LimitsTelemetry(IMeterFactory meters, Tallies tallies)
    {
        _tallies = tallies;
        var meter = meters.Create(GatewayTelemetry.Name);
        _refused = meter.CreateCounter<long>("aifactory.gateway.limits.refused", "{request}", "Requests that a limit refused, by the limit's kind.");
        _leases = meter.CreateCounter<long>("aifactory.gateway.limits.leases", "{lease}", "Times that a share of a limit was asked for, by what came of it.");
        meter.CreateObservableGauge("aifactory.gateway.limits.remaining", Remaining, "1", "The share that is left, of the limit of each kind that has least.");
    }

    public void Refused(Limit limit) => _refused.Add(1, Tags(limit));

    public void Leased(string outcome) => _leases.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    private IEnumerable<Measurement<double>> Remaining() => _tallies.All
        .GroupBy(tally => (tally.Limit.Scope, tally.Limit.Measure, tally.Limit.Period))
        .Select(group => new Measurement<double>(group.Min(tally => (double)tally.Remaining / tally.Limit.Amount), Tags(group.First().Limit)));

    private static KeyValuePair<string, object?>[] Tags(Limit limit) =>
    [
        new("scope", LimitNames.Of(limit.Scope)), new("measure", LimitNames.Of(limit.Measure)), new("period", LimitNames.Of(limit.Period) ?? "none"),
    ];
}
