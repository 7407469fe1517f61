using System.Diagnostics.Metrics;

namespace AiFactory.Gateway.Forwarding;

/// <summary>
/// .NET's own metrics of an HTTP client, under a name that nobody collects: on the data path they count a second time what <c>gen_ai.client.operation.duration</c> and
/// <c>/api/traffic</c> tell by model and by replica.
/// </summary>
internal sealed class UncollectedMeters : IMeterFactory
{
    private readonly Meter _meter = new("AiFactory.Gateway.Upstreams");

    public Meter Create(MeterOptions options) => _meter;

    public void Dispose() => _meter.Dispose();
}
