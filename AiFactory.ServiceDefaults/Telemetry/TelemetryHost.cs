using Microsoft.Extensions.Hosting;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace AiFactory.ServiceDefaults.Telemetry;

/// <summary>Starts collecting before any other hosted service, and sends what is left after all of them have stopped.</summary>
internal sealed class TelemetryHost(TracerProvider tracer, MeterProvider meter) : IHostedService
{
    private const int FlushMilliseconds = 3000;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>An endpoint that is away must not hold up the stop: a few seconds are all that it gets.</summary>
    public Task StopAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(
            Task.Run(() => tracer.ForceFlush(FlushMilliseconds), CancellationToken.None),
            Task.Run(() => meter.ForceFlush(FlushMilliseconds), CancellationToken.None)).WaitAsync(cancellationToken);
}
